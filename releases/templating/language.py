"""Every filter and every function that a template may use, by its name."""

from collections.abc import Callable
from typing import Any

from releases.templating.banner import banner
from releases.templating.boxes import box, box_bottom, box_top, divider, field, row
from releases.templating.functions import (
    bar,
    center,
    columns,
    few,
    format_date,
    format_duration,
    format_size,
    join,
    lower,
    pad,
    replace,
    rjust,
    title,
    trim,
    uppercase,
    width,
    wrap,
)

BUILT_IN = ("default", "first", "int", "items", "last", "length", "list", "sort", "truncate")
"""Filters that are Jinja2's own."""
FILTERS: dict[str, Callable[..., Any]] = {
    "center": center,
    "columns": columns,
    "format_date": format_date,
    "format_duration": format_duration,
    "format_size": format_size,
    "join": join,
    "lower": lower,
    "pad": pad,
    "replace": replace,
    "rjust": rjust,
    "title": title,
    "trim": trim,
    "upper": uppercase,
    "uppercase": uppercase,
    "width": width,
    "wrap": wrap,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "banner": banner,
    "bar": bar,
    "box": box,
    "box_bottom": box_bottom,
    "box_top": box_top,
    "divider": divider,
    "field": field,
    "format_date": format_date,
    "format_duration": format_duration,
    "format_size": format_size,
    "range": few,
    "row": row,
    "uppercase": uppercase,
}
