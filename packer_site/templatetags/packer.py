from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, ResolverMatch, reverse
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from releases.templating import format_size

register = template.Library()
UNITS = (
    gettext_noop("B"),
    gettext_noop("KiB"),
    gettext_noop("MiB"),
    gettext_noop("GiB"),
    gettext_noop("TiB"),
)
"""Those of `format_size`, for the catalogues."""
LINES_PER_PART = 5000  # as nfo.css knows


@register.inclusion_tag("_menu_link.html", takes_context=True)
def menu_link(context: Context, name: str, label: str, count: str = "") -> dict[str, Any]:
    """Show a link of the menu, marked where one is in its part of the site.

    `count` names the place of a number that a script keeps.
    """
    try:
        url = reverse(name)
    except NoReverseMatch:
        return {}
    here = getattr(context.get("request"), "resolver_match", None)
    return {"url": url, "label": label, "count": count, "current": current(here, name)}


def current(here: ResolverMatch | None, name: str) -> str:
    """Return the value of ``aria-current`` on the link to `name`, read at `here`."""
    if here is None:
        return ""
    if here.view_name == name:
        return "page"
    space = name.rpartition(":")[0]
    return "true" if space and here.namespace == space else ""


@register.filter
def at(mapping: dict[str, Any], key: object) -> Any:
    """Return the value at `key`, which is known to the template only as a variable."""
    return mapping.get(str(key))


@register.filter
def duration(seconds: int) -> str:
    """Return e.g. ``3 s``, ``2 min 5 s`` or ``1 h 4 min``."""
    minutes, rest = divmod(seconds, 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


@register.filter
def parts(text: str) -> Iterator[str]:
    """Yield `text` in parts of so many lines that a browser lays out one at once."""
    lines = text.split("\n")
    last = len(lines) - LINES_PER_PART
    for start in range(0, len(lines), LINES_PER_PART):
        part = "\n".join(lines[start : start + LINES_PER_PART])
        yield f"{part}\n" if start < last else part


@register.filter
def size(count: int | None) -> SafeString | str:
    """Show a number of bytes in binary units, the exact number on hover; nothing for None."""
    if count is None:
        return ""
    exactly = _("%(count)s bytes") % {"count": number_format(count, force_grouping=True)}
    return format_html(
        '<span class="size" title="{}">{}</span>', exactly, localized(format_size(count))
    )


def localized(text: str) -> str:
    """Return e.g. ``1.5 MiB`` with the decimal mark and the unit of the reader's language."""
    number, _space, unit = text.partition(" ")
    return f"{number.replace('.', str(number_format('0.1', 1))[1])}\N{NO-BREAK SPACE}{_(unit)}"


@register.filter
def moment(when: datetime | None) -> SafeString | str:
    """Show a time in the reader's zone and language, in ISO form on hover; nothing for None."""
    if when is None:
        return ""
    local = localtime(when)
    iso = local.isoformat(timespec="seconds")
    shown = date_format(local, "SHORT_DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', iso, iso, shown)
