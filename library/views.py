"""The pages of the library: its list, the editor, and what is done to a template as a whole."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.http import Request
from accounts.permissions import holds, require
from library import previewing
from library.forms import ImportForm, TemplateForm, initial
from releases import actions, downloads
from releases.actions import Refused, told
from releases.models import DefaultTemplate, NfoTemplate, ReleaseType
from releases.packing import PackingError, nfo
from releases.template_files import safe_stem

PER_PAGE = 12
IMPORTED_BYTES = 1 << 20


@login_required
@require_GET
def index(request: Request) -> HttpResponse:
    kind = request.GET.get("type", "")
    found = NfoTemplate.objects.visible_to(request.user).select_related("rule", "created_by")
    listed = found.filter(type=kind) if kind in ReleaseType.values else found
    page = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "kind": kind,
        "types": ReleaseType,
        "cards": [card(request, template) for template in page],
        "may_make": holds(request.user, "releases", "write"),
        "may_configure": holds(request.user, "config", "mod"),
    }
    return TemplateResponse(request, "library/index.html", context)


def card(request: Request, template: NfoTemplate) -> dict[str, Any]:
    return {
        "template": actions.catch_up(template),
        "miniature": previewing.miniature(template),
        "may_change": actions.may_change(template, request.user),
    }


@login_required
@require_http_methods(["GET", "POST"])
def new(request: Request) -> HttpResponse:
    require(request.user, "releases", "write")
    form = TemplateForm(request.POST or None, user=request.user)
    if "preview" not in request.POST and form.is_bound and form.is_valid():
        try:
            template = actions.create_template(form.wanted(), by=request.user)
        except Refused as refusal:
            complain(form, refusal)
        else:
            messages.success(request, _("The template is saved."))
            return redirect(template)
    return editor(request, form, None)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: Request, pk: int) -> HttpResponse:
    template = actions.catch_up(visible_template(request, pk))
    form = TemplateForm(request.POST or None, user=request.user, initial=initial(template))
    if "preview" not in request.POST and form.is_bound and form.is_valid():
        try:
            actions.change_template(
                template,
                form.wanted(template),
                by=request.user,
                seen_version=form.cleaned_data["seen_version"],
            )
        except Refused as refusal:
            complain(form, refusal)
            template.refresh_from_db()
        else:
            messages.success(request, _("The template is saved."))
            return redirect(template)
    return editor(request, form, template)


def complain(form: Form, refusal: Refused) -> None:
    """Show a refusal at its field, if it is about one."""
    field = getattr(refusal, "field", None)
    form.add_error(field if field in form.fields else None, str(refusal))


def editor(
    request: Request,
    form: TemplateForm,
    template: NfoTemplate | None,
    notes: list[str] | None = None,
) -> HttpResponse:
    """Show `form`, beside what its text gives."""
    content, encoding = (str(form[name].value() or "") for name in ("content", "encoding"))
    kind = str(form["type"].value() or ReleaseType.EBOOK)
    chosen = request.POST.get("facts") or f"{previewing.SAMPLE}:{kind}"
    context = {
        "form": form,
        "template": template,
        "notes": notes or [],
        "content": content,
        "field": form["content"],
        "chosen": chosen,
        "choices": list(previewing.choices(request.user)),
        "placeholders": actions.placeholders(),
        "is_read_only": template and not actions.may_change(template, request.user),
        "may_make": holds(request.user, "releases", "write"),
        "may_configure": holds(request.user, "config", "mod"),
        "own_default_for": own_default_for(request, template) if template else [],
    }
    context |= previewing.previewed(request.user, content, encoding, chosen)
    return TemplateResponse(request, "library/editor.html", context)


def own_default_for(request: Request, template: NfoTemplate) -> list[dict[str, Any]]:
    """Return the types that it can be one's own default of, and whether it is."""
    own = DefaultTemplate.objects.filter(user=request.user, template=template)
    held = set(own.values_list("type", flat=True))
    types = [ReleaseType(template.type)] if template.type else list(ReleaseType)
    return [{"type": one, "is_default": one.value in held} for one in types]


@login_required
@require_POST
def preview(request: Request) -> HttpResponse:
    """Show what the text in the form gives."""
    typed = request.POST
    form = TemplateForm(typed, user=request.user)
    context = previewing.previewed(
        request.user,
        typed.get("content", ""),
        typed.get("encoding", ""),
        typed.get("facts", ""),
    )
    return TemplateResponse(request, "nfo/_preview.html", context | {"field": form["content"]})


@login_required
@require_POST
def download(request: Request) -> HttpResponse:
    """Send what the text in the form gives: an NFO, or a picture of it; or the text itself."""
    typed = request.POST
    content, encoding = typed.get("content", ""), typed.get("encoding", "")
    stem = safe_stem(typed.get("name", ""))
    if typed.get("as") == "template":
        return downloads.whole(nfo.encode(content, "utf-8"), f"{stem}.txt")
    given = previewing.previewed(request.user, content, encoding, typed.get("facts", ""))
    known = encoding if encoding in NfoTemplate.Encoding.values else NfoTemplate.Encoding.CP437
    try:
        return downloads.nfo_as(typed.get("as", ""), given["shown"].text, known, stem)
    except PackingError as error:
        return TemplateResponse(request, "400.html", {"reason": told(error)}, status=400)


@login_required
@require_http_methods(["GET", "POST"])
def take_in(request: Request) -> HttpResponse:
    """Read a file into the editor; nothing is kept before it is saved there."""
    require(request.user, "releases", "write")
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    if refusal := getattr(request, "upload_refusal", ""):
        form.add_error("file", refusal)
    elif form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = actions.read_template(file.read(IMPORTED_BYTES + 1), file.name)
        except Refused as refused:
            form.add_error("file", str(refused))
        else:
            read = TemplateForm(user=request.user, initial=found.new.columns())
            return editor(request, read, None, found.notes)
    return TemplateResponse(request, "library/import.html", {"form": form})


@login_required
@require_POST
def duplicate(request: Request, pk: int) -> HttpResponse:
    template = visible_template(request, pk)
    return done(
        request, _("This is your copy."), actions.duplicate_template(template, by=request.user)
    )


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: Request, pk: int) -> HttpResponse:
    """Ask, then delete."""
    template = visible_template(request, pk)
    if request.method == "POST":
        try:
            actions.delete_template(template, by=request.user)
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect(template)
        messages.success(request, _("The template is deleted."))
        return redirect("library:index")
    context = {"template": template, "releases": template.releases.count()}
    return TemplateResponse(request, "library/delete.html", context)


@login_required
@require_POST
def default(request: Request, pk: int) -> HttpResponse:
    """Make it everybody's default, or one's own of a type; or no longer one's own."""
    template = visible_template(request, pk)
    release_type = request.POST.get("type", "")
    try:
        if request.POST.get("whose") == "everybody":
            actions.make_system_default(template, by=request.user)
        elif request.POST.get("whose") == "nobody":
            actions.forget_own_default(release_type, by=request.user)
        else:
            actions.make_own_default(template, release_type, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(template)
    return done(request, _("The default is changed."), template)


def done(request: Request, sentence: str, template: NfoTemplate) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(template)


def visible_template(request: Request, pk: int) -> NfoTemplate:
    found = NfoTemplate.objects.visible_to(request.user).select_related("rule", "created_by")
    return get_object_or_404(found, pk=pk)
