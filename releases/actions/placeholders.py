"""What can be put into a template, for whoever writes it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from releases.actions.making import METADATA_FIELDS
from releases.actions.sampling import known_names

LISTS = {
    "audio": "{% for track in audio %}\n{{ track }}\n{% endfor %}\n",
    "subtitles": "{% for track in subtitles %}\n{{ track }}\n{% endfor %}\n",
    "structure": "{% for file in structure %}\n{{ file.path }}\n{% endfor %}\n",
    "mediainfo": "{{ mediainfo.format }}",
}
LONG = {"description": "{{ description | wrap(76, '  ') }}"}
"""What is wider than a line."""
FRAMES = {
    "banner": "{% for line in banner(group) %}\n{{ line | center(80) }}\n{% endfor %}\n",
    "row": "{{ row('Title', title) -}}\n",
    "field": "{{ field('Title', title) -}}\n",
    "box": "{{ box(description, title='About') }}",
    "box_top": "{{ box_top('About') }}\n",
    "box_bottom": "{{ box_bottom() }}\n",
    "divider": "{{ divider(title='About') }}\n",
    "bar": "{{ bar(1, volumes) }}",
}
SHAPES = {
    "if": "{% if author %}\n\n{% endif %}\n",
    "for": "{% for line in description | columns(76) %}\n  {{ line }}\n{% endfor %}\n",
    "format_size": "{{ format_size(size) }}",
    "format_duration": "{{ format_duration(duration) }}",
    "format_date": "{{ format_date(released_on, 'd MMMM yyyy') }}",
    "upper": "{{ title | upper }}",
    "center": "{{ title | center(80) }}",
    "pad": "{{ title | pad(40) }}",
    "rjust": "{{ title | rjust(40) }}",
    "wrap": "{{ description | wrap(76, '  ') }}",
}


@dataclass(frozen=True, slots=True)
class Insert:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    inserts: list[Insert]


def placeholders() -> list[Group]:
    """Return what a template may say, each with the text that says it."""
    derived = sorted(known_names() - {*METADATA_FIELDS, *LISTS})
    groups = (
        (_("The work"), named(METADATA_FIELDS) | LONG),
        (_("The release and its file"), named(derived) | LISTS),
        (_("Frames and letters"), FRAMES),
        (_("Conditions, loops, forms"), SHAPES),
    )
    return [Group(title, [*map(Insert, told, told.values())]) for title, told in groups]


def named(names: Iterable[str]) -> dict[str, str]:
    return {name: f"{{{{ {name} }}}}" for name in names}
