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
from drafts.pages import KEEP_MINE, Overtaken
from drafts.steps import BY_KEY, PACKS_AT, STEPS, Step
from jobs import actions as jobs
from releases import downloads
from releases.actions import Duplicated, Refused, request_analysis, told
from releases.packing import PackingError
from wizard import analysis, enrichment, keeping, nfo, panels
from wizard.keeping import login_keeps_typed
from wizard.storage import Gone

UNSEEN = {"csrfmiddlewaretoken", "page", "seen"}
"""What a page sends that nobody typed."""


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
    return redirect("wizard:drafts" if request.POST.get("back") == "drafts" else "home")


@login_required
@require_POST
def remember(request: Request, draft: UUID) -> HttpResponse:
    """Have the next drafts begin as this one was answered."""
    actions.remember_defaults(own_draft(request, draft), by=request.user)
    messages.success(request, _("Your next releases begin with these answers."))
    return redirect("wizard:step", draft=draft, step="destination")


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


@login_keeps_typed
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


@method_decorator(login_keeps_typed, name="dispatch")
class ReleaseWizard(SessionWizardView):
    """Nine questions, then a release. Holds no rule of its own: forms check, actions act.

    The draft and the step stand in the URL: two tabs are two places, and a reload stays.
    """

    request: Request
    template_name = "wizard/page.html"
    storage_name = "wizard.storage.DraftStorage"
    file_storage = InMemoryStorage()  # formtools asks for one; DraftStorage keeps no file

    def dispatch(self, request: Request, *args: Any, step: str, **kwargs: Any) -> HttpResponse:
        if step not in BY_KEY:
            raise Http404
        try:
            return super().dispatch(request, *args, step=step, **kwargs)
        except Gone:
            return self.say_gone(request)

    def say_gone(self, request: Request) -> HttpResponse:
        """Say that the draft is not there, and show what was sent, which nothing else keeps."""
        template = "wizard/notices/gone.html" if request.htmx else "wizard/gone.html"
        sent = [(name, value) for name, value in request.POST.items() if name not in UNSEEN]
        return TemplateResponse(request, template, {"sent": sent}, status=404)

    @property
    def draft(self) -> Draft:
        return self.storage.draft

    @property
    def step(self) -> Step:
        """The step of the URL; a packed draft stays at its last one whichever is looked at."""
        return BY_KEY[self.kwargs["step"]]

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
        allowed = self.allowed_step(step)
        if allowed != step:
            return self.go_to(allowed)
        if not self.draft.is_packed:
            self.storage.current_step = step
        return self.take_back() or self.show()

    def show(self) -> HttpResponse:
        """Show the step as it was left."""
        step = self.step
        typed = actions.typed_form(self.draft, step)
        return self.render(typed or self.get_form(step.key, self.storage.get_step_data(step.key)))

    def take_back(self) -> HttpResponse | None:
        """Keep what was sent when the session had ended; answer where that cannot be."""
        aside = keeping.take_back(self.request, self.draft, self.step.key)
        if aside is None:
            return None
        messages.info(self.request, _("You were logged out: what you typed is still here."))
        return self.keep(aside)

    def keep(self, typed: keeping.Typed) -> HttpResponse | None:
        """Keep what was typed; answer where that cannot be."""
        try:
            actions.keep_typed(self.draft, self.step, typed)
        except actions.Packed:
            return self.say_packed()
        except Overtaken:
            return self.ask_which(typed)
        return None

    def say_packed(self) -> HttpResponse:
        messages.info(self.request, _("This draft is packed: its answers can only be looked at."))
        return self.go_to(STEPS[-1].key)

    def ask_which(self, typed: keeping.Typed) -> HttpResponse:
        """Show both what was sent and what another page kept meanwhile."""
        told = keeping.overtaken(self.draft, self.step, typed)
        form = actions.bound_form(self.draft, self.step, typed)
        form.overlook_missing()
        return self.render(form, overtaken=told, posted=typed)

    def allowed_step(self, step: str) -> str:
        """Return `step`, or where the draft must be instead."""
        if self.draft.is_packed:
            return step
        earlier = STEPS[: BY_KEY[step].number - 1]
        answered = self.draft.answers
        missing = (one for one in earlier if one.key not in answered and not one.has_defaults)
        last = step if BY_KEY[step].number <= PACKS_AT.number else PACKS_AT.key
        return next((one.key for one in missing), last)

    def post(self, *args: Any, step: str, **kwargs: Any) -> HttpResponse:
        """Take the answers of the step in the URL, whatever another tab is at."""
        if self.draft.is_packed:
            return self.finish() if BY_KEY[step].number > PACKS_AT.number else self.say_packed()
        allowed = self.allowed_step(step)
        if allowed != step:
            return self.keep(self.request.POST) or self.go_to(allowed)
        self.storage.current_step = step
        if KEEP_MINE in self.request.POST:
            return self.keep(self.request.POST) or self.go_to(step)
        if nfo.is_look(self.request.POST):
            return self.render(self.get_form(step, nfo.asked(self.request.POST)))
        return self.take()

    def take(self) -> HttpResponse:
        """Keep what was sent: as an answer where it is valid, and go where one wants to."""
        form = self.get_form(self.step.key, self.request.POST, self.request.FILES)
        goto = self.request.POST.get("wizard_goto_step", "")
        try:
            if form.is_valid():
                self.storage.set_step_data(self.step.key, form.answers())
                return self.go_to(goto) if goto in BY_KEY else self.go_on(form)
        except actions.Packed:
            return self.say_packed()
        except Overtaken:
            return self.ask_which(self.request.POST)
        if answer := self.keep(self.request.POST):
            return answer
        return self.go_to(goto) if goto in BY_KEY else self.render(form, is_refused=True)

    def go_on(self, form: StepForm) -> HttpResponse:
        if self.step == PACKS_AT:
            return self.pack(form)
        return self.go_to(STEPS[self.step.number].key)

    def pack(self, form: StepForm) -> HttpResponse:
        try:
            actions.pack_draft(
                self.draft,
                by=self.request.user,
                confirms_duplicates="confirm_duplicates" in self.request.POST,
            )
        except actions.Packed:
            return self.say_packed()
        except actions.Unfinished as unfinished:
            messages.error(self.request, str(unfinished))
            return self.go_to(next(iter(unfinished.unfinished)).key)
        except Duplicated:
            form.add_error(None, _("Look at the releases like this one first."))
            return self.render(form, is_refused=True)
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return self.render(form, is_refused=True)
        return self.go_to(STEPS[-1].key)

    def finish(self) -> HttpResponse:
        """Leave the wizard: the release was made at step 8, so there is nothing left to check."""
        url = reverse("releases:detail", args=[self.draft.release_id])
        return HttpResponseClientRedirect(url) if self.request.htmx else redirect(url)

    def go_to(self, step: str) -> HttpResponse:
        return redirect(reverse("wizard:step", args=[self.draft.uuid, step]))

    def get_template_names(self) -> list[str]:
        wants_panel = self.request.htmx and not self.request.htmx.history_restore_request
        return [f"{self.template_name}#panel" if wants_panel else self.template_name]

    def get_context_data(self, form: StepForm, **kwargs: Any) -> dict[str, Any]:
        step = self.step
        context = super().get_context_data(form=form, **kwargs)
        context["tabs"] = analysis.tabs(self.request.GET.get("tab", ""))
        shown = panels.body(self.draft, step, form, self.request)
        seen = keeping.seen(self.draft, step, kwargs.get("posted"))
        told = {"seen": seen, "mistaken": panels.mistakes(form)}
        return context | shown | panels.frame(self.draft, step, shown) | told
