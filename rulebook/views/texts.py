"""How a rule gets its text: by a file, which is shown before it is kept, or by an edit."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import Request, our_page
from accounts.permissions import require
from releases.actions import Refused
from releases.models import ReleaseType
from rulebook import actions, detection
from rulebook.actions import ReadText
from rulebook.forms import EditForm, FileForm, NewRuleForm, encoded, initial
from rulebook.views.rule import readable_rule
from rules.models import Rule


@login_required
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    """Take a file, show what it is, and keep it once that is confirmed."""
    require(request.user, "rules", "write")
    if "sent" in request.POST:
        return confirm(request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if refusal := getattr(request, "upload_refusal", ""):
        form.add_error("file", refusal)
    elif form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            text = actions.read_text(actions.sent_bytes(file))
        except Refused as refused:
            form.add_error("file", str(refused))
        else:
            return confirm_page(request, proposed(request, file.name, text), text)
    return file_page(request, form)


def proposed(request: Request, file_name: str, text: ReadText) -> NewRuleForm:
    """Return the form of a rule, filled with what its file tells."""
    found = asdict(detection.detected(file_name, text.content))
    wanted_type = request.GET.get("type", "")
    if not found["release_type"] and wanted_type in ReleaseType.values:
        found["release_type"] = wanted_type
    about = {"encoding": text.encoding, "source": file_name, "sent": encoded(text.raw)}
    return NewRuleForm(initial=found | about)


def confirm(request: Request) -> HttpResponse:
    form = NewRuleForm(request.POST)
    is_valid = form.is_valid()
    raw = form.cleaned_data.get("sent")
    if raw is None:
        messages.error(request, _("The file did not arrive whole: choose it again."))
        return file_page(request, FileForm())
    try:
        text = shown_text(form, raw)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return file_page(request, FileForm())
    if "preview" not in request.POST and is_valid and not form.errors:
        try:
            return kept(request, actions.import_rule(form.wanted(), by=request.user))
        except Refused as refusal:
            complain(form, refusal)
    return confirm_page(request, form, text)


def shown_text(form: NewRuleForm, raw: bytes) -> ReadText:
    """Return the text in the encoding chosen, or in the one that is found where that fails.

    Raises:
        Refused: it is no text.
    """
    try:
        return actions.read_text(raw, form.cleaned_data.get("encoding", ""))
    except Refused as refusal:
        found = actions.read_text(raw)
        form.add_error("encoding", str(refusal))
        return found


def kept(request: Request, rule: Rule) -> HttpResponseRedirect:
    """Lead to where the upload was asked for, or to the rule."""
    messages.success(request, _("%(name)s is in the library.") % {"name": rule.name})
    back = came_from(request)
    return redirect(f"{back}?{urlencode({'show': rule.pk})}" if back else rule)


def came_from(request: Request) -> str:
    """Return the page of ours that sent a person here, or nothing."""
    there = our_page(request, request.GET.get("next", ""))
    return there if "?" not in there else ""


def file_page(request: Request, form: FileForm) -> HttpResponse:
    context = {"form": form, "back": came_from(request)}
    return TemplateResponse(request, "rulebook/upload.html", context)


def confirm_page(request: Request, form: NewRuleForm, text: ReadText) -> HttpResponse:
    context = {"form": form, "text": text, "back": came_from(request)}
    return TemplateResponse(request, "rulebook/confirm.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    rule = readable_rule(request, pk)
    require(request.user, "rules", "mod", rule)
    form = EditForm(request.POST or None, initial=initial(rule))
    if form.is_bound and form.is_valid():
        try:
            seen = form.cleaned_data["seen_version"]
            actions.edit_rule(rule, form.wanted(), by=request.user, seen_version=seen)
        except Refused as refusal:
            complain(form, refusal)
            rule.refresh_from_db()
        else:
            messages.success(request, saved(rule, is_other_text=rule.version != seen))
            return redirect(rule)
    published = rule.versions.filter(origin="published").values_list("number", flat=True).first()
    context: dict[str, Any] = {
        "rule": rule,
        "form": form,
        "published": published,
        "uses": actions.uses(rule),
    }
    return TemplateResponse(request, "rulebook/edit.html", context)


def saved(rule: Rule, *, is_other_text: bool) -> str:
    sentence = _("The rule is saved.")
    if not (is_other_text and rule.has_shipped_spec):
        return sentence
    spec = _("Releases are packed by the spec that came with the program: it stays as it was.")
    return f"{sentence} {spec}"


def complain(form: Form, refusal: Refused) -> None:
    """Show a refusal at its field, if it is about one."""
    field = getattr(refusal, "field", None)
    form.add_error(field if field in form.fields else None, str(refusal))
