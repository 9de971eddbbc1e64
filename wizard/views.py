from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.storage import InMemoryStorage
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect
from formtools.wizard.views import SessionWizardView

from accounts.http import Request
from drafts import actions
from drafts.forms import ChooseSource, StepForm
from drafts.models import Draft
from drafts.steps import BY_KEY, PACKS_AT, STEPS
from jobs import actions as jobs
from releases import downloads
from releases.actions import Duplicated, Refused, request_analysis, told
from releases.packing import PackingError
from wizard import analysis, enrichment, nfo, panels, rules


@login_required
@require_http_methods(["GET", "POST"])
def start(request: Request) -> HttpResponse:
    """Begin a draft; a GET, which is what a login leads to, begins nothing."""
    return redirect(actions.start_draft(by=request.user) if request.method == "POST" else "home")


@login_required
@require_http_methods(["GET", "POST"])
def start_sample(request: Request) -> HttpResponse:
    begin = actions.start_sample_draft
    return redirect(begin(by=request.user) if request.method == "POST" else "home")


@login_required
@require_POST
def discard(request: Request, draft: UUID) -> HttpResponse:
    actions.discard_draft(own_draft(request, draft))
    messages.success(request, _("The draft is discarded."))
    return redirect("home")


@login_required
@require_POST
def analyse(request: Request, draft: UUID) -> HttpResponse:
    found = own_draft(request, draft)
    if source := found.source:
        request_analysis(source, by=request.user)
    return redirect("wizard:step", draft=draft, step="analysis")


@login_required
@require_POST
def preview(request: Request, draft: UUID) -> HttpResponse:
    """Show the NFO and the DIZ that the template text in the form gives."""
    found = own_draft(request, draft)
    form = actions.bound_form(found, BY_KEY["nfo"], nfo.asked(request.POST))
    panel = nfo.panel(found, form)
    context = panel | {
        "draft": found,
        "field": form["template_text"],
        "replaces_text": nfo.is_of_template(request.POST) and not panel.get("is_own"),
        "is_swapped": True,
    }
    return TemplateResponse(request, "wizard/steps/nfo.html#preview", context)


@login_required
@require_POST
def download(request: Request, draft: UUID) -> HttpResponse:
    """Send the NFO that the template text in the form gives, or a picture of it."""
    found = own_draft(request, draft)
    try:
        given = nfo.panel(found, actions.bound_form(found, BY_KEY["nfo"], request.POST))
        if "shown" not in given:
            raise Refused(given["preview_error"])
        return downloads.nfo_as(
            request.POST.get("as", ""),
            given["shown"].text,
            given["template"].encoding,
            given["stem"],
        )
    except (Refused, PackingError) as error:
        return TemplateResponse(request, "400.html", {"reason": told(error)}, status=400)


@login_required
@require_POST
def compare(request: Request, draft: UUID) -> HttpResponse:
    """Keep what was typed of the metadata, do what the button says, show the sources again."""
    found, filled = own_draft(request, draft), []
    try:
        filled = enrichment.do(found, request.POST, by=request.user)
    except (Refused, jobs.Refused) as refusal:
        messages.error(request, str(refusal))
    here = reverse("wizard:step", args=[draft, "enrichment"])
    form = actions.typed_form(found, BY_KEY["enrichment"])
    if not request.htmx:
        return redirect(f"{here}#{f'id_{filled[0]}' if filled else 'comparison'}")
    if form is None:
        return HttpResponseClientRedirect(here)
    context = enrichment.panel(found, form, filled) | {"draft": found, "form": form}
    return TemplateResponse(request, "wizard/steps/enrichment.html#comparison", context)


@login_required
@require_GET
def asking(request: Request, draft: UUID) -> HttpResponse:
    """Show how far the providers are; once they have answered, have the comparison fetched."""
    found = own_draft(request, draft)
    context = {"draft": found, "asking": found.enrichments().active().first(), "is_polled": True}
    return TemplateResponse(request, "wizard/steps/enrichment.html#asking", context)


def own_draft(request: Request, uuid: UUID) -> Draft:
    return get_object_or_404(Draft.objects.visible_to(request.user), uuid=uuid)


@method_decorator(login_required, name="dispatch")
class ReleaseWizard(SessionWizardView):
    """Nine questions, then a release. Holds no rule of its own: forms check, actions act.

    The draft and the step stand in the URL: two tabs are two places, and a reload stays.
    """

    request: Request
    template_name = "wizard/page.html"
    storage_name = "wizard.storage.DraftStorage"
    file_storage = InMemoryStorage()  # formtools asks for one; DraftStorage keeps no file

    @property
    def draft(self) -> Draft:
        return self.storage.draft

    def get_prefix(self, request: Request, *args: Any, draft: UUID, **kwargs: Any) -> str:
        """Name the draft in the URL, so that two tabs are two releases."""
        return str(draft)

    def get_form_prefix(self, step: str | None = None, form: Any = None) -> str:
        """Use the plain names of the API in the pages as well."""
        return ""

    def get_form_kwargs(self, step: str | None = None) -> dict[str, Any]:
        return {"draft": self.draft}

    def get_form(self, step: str | None = None, data: Any = None, files: Any = None) -> StepForm:
        form: StepForm = super().get_form(step, data, files)
        if isinstance(form, ChooseSource):
            form.upload_refusal = getattr(self.request, "upload_refusal", "")
        return form

    def get(self, request: Request, *args: Any, step: str, **kwargs: Any) -> HttpResponse:
        """Show the step of the URL, or the first one that must come before it."""
        if step not in BY_KEY:
            raise Http404
        allowed = self.allowed_step(step)
        if allowed != step:
            return self.go_to(allowed)
        self.storage.current_step = step
        typed = actions.typed_form(self.draft, BY_KEY[step])
        return self.render(typed or self.get_form(data=self.storage.get_step_data(step)))

    def allowed_step(self, step: str) -> str:
        """Return `step`, or where the draft must be instead."""
        if self.draft.is_packed:
            return STEPS[-1].key
        earlier = STEPS[: BY_KEY[step].number - 1]
        answered = self.draft.answers
        missing = (one for one in earlier if one.key not in answered and not one.has_defaults)
        return next((one.key for one in missing), step)

    def post(self, *args: Any, step: str, **kwargs: Any) -> HttpResponse:
        """Take the answers of the step in the URL, whatever another tab is at."""
        if step not in BY_KEY:
            raise Http404
        if self.allowed_step(step) != step:
            return self.go_to(self.allowed_step(step))
        self.storage.current_step = step
        if goto := self.request.POST.get("wizard_goto_step"):
            return self.leave_for(goto)
        if nfo.is_look(self.request.POST):
            return self.render(self.get_form(data=nfo.asked(self.request.POST)))
        return super().post(*args, **kwargs)

    def leave_for(self, goto: str) -> HttpResponse:
        """Go to another step, keeping what was typed: as an answer where it is valid."""
        form = self.get_form(data=self.request.POST, files=self.request.FILES)
        if form.is_valid():
            self.storage.set_step_data(self.steps.current, form.answers())
        else:
            actions.keep_typed(self.draft, BY_KEY[self.steps.current], self.request.POST)
        return self.go_to(goto if goto in BY_KEY else self.steps.current)

    def process_step(self, form: StepForm) -> dict[str, Any]:
        return form.answers()

    def process_step_files(self, form: StepForm) -> None:
        return None

    def render_next_step(self, form: StepForm, **kwargs: Any) -> HttpResponse:
        if self.steps.current == PACKS_AT.key:
            return self.pack(form)
        return self.go_to(self.steps.next)

    def pack(self, form: StepForm) -> HttpResponse:
        try:
            actions.pack_draft(
                self.draft,
                by=self.request.user,
                confirms_duplicates="confirm_duplicates" in self.request.POST,
            )
        except actions.Unfinished as unfinished:
            messages.error(self.request, str(unfinished))
            return self.go_to(next(iter(unfinished.unfinished)).key)
        except Duplicated:
            form.add_error(None, _("Look at the releases like this one first."))
            return self.render(form)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.render(form)
        return self.go_to(STEPS[-1].key)

    def render_done(self, form: StepForm, **kwargs: Any) -> HttpResponse:
        """Leave the wizard: the release was made at step 8, so there is nothing left to check."""
        release = self.draft.release
        if release is None:
            return self.go_to(PACKS_AT.key)
        url = release.get_absolute_url()
        return HttpResponseClientRedirect(url) if self.request.htmx else redirect(url)

    def go_to(self, step: str) -> HttpResponse:
        return redirect(reverse("wizard:step", args=[self.draft.uuid, step]))

    def get_template_names(self) -> list[str]:
        wants_panel = self.request.htmx and not self.request.htmx.history_restore_request
        return [f"{self.template_name}#panel" if wants_panel else self.template_name]

    def get_context_data(self, form: StepForm, **kwargs: Any) -> dict[str, Any]:
        step = BY_KEY[self.steps.current]
        context = super().get_context_data(form=form, **kwargs)
        context["tabs"] = analysis.tabs(self.request.GET.get("tab", ""))
        context |= panels.frame(self.draft, step)
        if step.key == "rule":
            return context | rules.panel(self.draft, form, self.request)
        return context | panels.body(self.draft, step, form)
