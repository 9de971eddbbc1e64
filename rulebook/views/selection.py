"""What is done to several rules at once."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.http import Request
from accounts.permissions import require
from rulebook import actions
from rulebook.actions import Downloaded, Outcome
from rulebook.actions.several import download_rules
from rules.models import Rule, RuleQuerySet

MOST = 200
"""Rules that are chosen at once."""
DIGITS = 18


@login_required
@require_http_methods(["GET", "POST"])
def delete(request: Request) -> HttpResponse:
    """Show where the chosen rules are in use, then delete them."""
    require(request.user, "rules", "mod")
    rules = list(chosen(request.POST if request.method == "POST" else request.GET))
    if not rules:
        messages.warning(request, _("Choose a rule first."))
        return redirect("rulebook:index")
    if request.method == "POST":
        return deleted(request, rules)
    used = actions.uses_of([rule.pk for rule in rules])
    chosen_rules = [{"rule": rule, "uses": used[rule.pk]} for rule in rules]
    return TemplateResponse(request, "rulebook/delete.html", {"chosen": chosen_rules})


def chosen(asked: QueryDict) -> RuleQuerySet:
    numbers = [text for text in asked.getlist("rule") if text.isdecimal() and len(text) <= DIGITS]
    return Rule.objects.filter(pk__in=numbers[:MOST]).without_texts().order_by("name")


def deleted(request: Request, rules: list[Rule]) -> HttpResponse:
    kept = actions.delete_rules(rules, by=request.user)
    for sentence in kept:
        messages.error(request, sentence)
    if count := len(rules) - len(kept):
        sentence = ngettext("%(count)d rule is deleted.", "%(count)d rules are deleted.", count)
        messages.success(request, sentence % {"count": count})
    return redirect("rulebook:index")


@login_required
@require_POST
def download(request: Request) -> HttpResponse:
    """Bring the chosen rules of the site into the library."""
    names = request.POST.getlist("name")[:MOST]
    if not names:
        messages.warning(request, _("Choose a rule first."))
    several = download_rules(names, by=request.user)
    for found in several.downloaded:
        messages.success(request, outcome(found))
    for name, reason in several.troubles.items():
        messages.error(request, f"{name}: {reason}")
    if several.unasked:
        sentence = _("There was no time to ask for %(names)s: choose them again, or synchronize.")
        messages.warning(request, sentence % {"names": ", ".join(several.unasked)})
    if len(several.downloaded) == len(names) == 1:
        return redirect(several.downloaded[0].rule)
    return redirect(f"{reverse('rulebook:index')}?state=listed")


def outcome(found: Downloaded) -> str:
    """Say what a download brought."""
    if found.outcome == Outcome.UNCHANGED:
        sentence = _("%(name)s is here already, as it is published.")
    elif not found.is_in_force:
        sentence = _("%(name)s was published anew: it waits, and your own text stays in force.")
    elif found.outcome == Outcome.CHANGED:
        sentence = _("%(name)s was published anew, and is brought up to date.")
    else:
        sentence = _("%(name)s is in the library.")
    return sentence % {"name": found.rule.name}
