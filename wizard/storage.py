from typing import Any

from django.http import Http404, HttpResponse
from django.utils.datastructures import MultiValueDict
from formtools.wizard.storage.base import BaseStorage

from drafts import actions, steps
from drafts.models import Draft
from drafts.pages import Page


class Gone(Http404):
    """The draft was discarded, perhaps in another tab, or is somebody else's."""


class DraftStorage(BaseStorage):
    """Keeps the answers on a draft's row, so that it is resumed on another day or machine.

    Files are not kept here: a valid step leaves the handle of its file among the answers.
    """

    def __init__(self, prefix: str, request: Any, file_storage: Any = None) -> None:
        super().__init__(prefix, request, file_storage)
        self.init_data()
        visible = Draft.objects.visible_to(request.user).with_defaults(request.user)
        try:
            self.draft: Draft = visible.select_related("release").get(uuid=prefix)
        except Draft.DoesNotExist as gone:
            raise Gone from gone
        self.draft.owner = request.user  # whose rights are known already

    def _get_current_step(self) -> str:
        return self.draft.step

    def _set_current_step(self, step: str) -> None:
        if step != self.draft.step:
            self.draft.step = step
            self.draft.save(update_fields=["step", "updated_at"])

    def get_step_data(self, step: str) -> MultiValueDict[str, Any] | None:
        answers = self.draft.answers.get(step)
        if answers is None:
            return None
        return MultiValueDict(
            {name: value if isinstance(value, list) else [value] for name, value in answers.items()}
        )

    def set_step_data(self, step: str, cleaned_data: dict[str, Any]) -> None:
        page = Page.of(self.request.POST)
        actions.record_answers(self.draft, steps.BY_KEY[step], cleaned_data, page=page)

    def get_step_files(self, step: str) -> None:
        return None

    def set_step_files(self, step: str, files: Any) -> None:
        pass

    def reset(self) -> None:
        actions.discard_draft(self.draft)

    def update_response(self, response: HttpResponse) -> None:
        pass
