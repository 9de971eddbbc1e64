"""What a template is shown with where there is no release yet: made-up ones, and parts of one."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from django.utils import timezone

from releases import description
from releases.actions.making import METADATA_FIELDS, NewRelease, nfo_facts
from releases.models import NfoTemplate, Source
from releases.packing import NamingError, diz
from rules import shipped
from rules.models import Rule

GROUP = "GROUP"
SUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
BOOK = {
    "title": "The Time Machine",
    "author": "H. G. Wells",
    "publisher": "Lantern Press",
    "year": 2014,
    "language": "en",
    "isbn": "9780000000002",
    "genre": "Science fiction",
    "source": "RETAiL",
    "url": "https://www.gutenberg.org/ebooks/35",
    "description": (
        "A traveller tells his guests of the year 802,701: of a gentle people who play in the "
        "sun and fear the dark, and of what lives in the wells below them. He shows two "
        "withered flowers that no botanist can name. On the next day he is gone."
    ),
}
SERIAL = {
    "title": "Night Watch",
    "episode": "S01E02",
    "episode_title": "The Lighthouse",
    "year": 2024,
    "language": "en",
    "genre": "Drama",
    "resolution": "1080p",
    "tv_format": "WEB.H264",
    "source": "",
    "url": "https://example.org/night-watch",
    "description": (
        "The keeper of the light counts eleven ships at dusk and twelve at dawn. Nobody else "
        "has seen the one that is too many."
    ),
}
PAPER = {
    "title": "A Field Guide to Dry Stone Walls",
    "author": "Ann Mason",
    "publisher": "Hedge and Wall",
    "year": 2021,
    "language": "en",
    "edition": "Second Edition",
    "genre": "Craft",
    "source": "RETAiL",
    "url": "https://example.org/walls",
    "description": "How to choose, lay and mend: forty walls, each drawn from two sides.",
}
VIDEO = {"codec": "h264", "width": 1920, "height": 1080, "fps": 25.0, "bit_depth": 8, "hdr": ""}
LABELS = {"title": "", "default": False}
MEDIAINFO = {
    "format": "Matroska",
    "size": 1_604_321_987,
    "duration": 2_712.5,
    "video": VIDEO,
    "audio": [
        {"codec": "eac3", "name": "Dolby Digital Plus", "channels": 6, "language": "en"} | LABELS,
        {"codec": "aac", "name": "AAC", "channels": 2, "language": "fr"} | LABELS,
    ],
    "subtitles": [
        {"codec": "srt", "forced": False, "language": "en"} | LABELS,
        {"codec": "srt", "forced": False, "language": "fr"} | LABELS,
    ],
}
CHAPTERS = [{"path": f"OEBPS/chapter{number}.xhtml", "size": 24_576} for number in range(1, 13)]
SAMPLES: dict[str, tuple[str, Mapping[str, Any], str, int]] = {
    "EBOOK": ("2022_EBOOK", BOOK, "epub", 4_386_201),
    "TV": ("tvx2642k16", SERIAL, "mkv", 1_604_321_987),
    "DOCS": ("HOUSE_DOCS", PAPER, "pdf", 12_845_056),
}
"""By type: the rule, the metadata, the file's real type and its size."""


@cache
def sample(release_type: str) -> NewRelease:
    """Return a made-up release, a book unless told; nothing of it is in the database."""
    kind = sampled_type(release_type)
    rule_name, metadata, form, size = SAMPLES[kind]
    data = shipped.read_data(rule_name)
    analysis = {
        "format": form,
        "metadata": {"pages": 118} if kind != "TV" else {},
        "mediainfo": MEDIAINFO if kind == "TV" else {},
        "structure": CHAPTERS if kind == "EBOOK" else [],
    }
    return NewRelease(
        type=kind,
        group=GROUP,
        rule=Rule(spec_data=data.pop("spec"), **data),
        source=Source(name=f"sample.{form}", size=size, sha256=SUM, analysis=analysis),
        metadata=metadata,
        rights="own_work",
        template=NfoTemplate(),
        released_on=date(2026, 1, 2),
    )


def sampled_type(release_type: str) -> str:
    return release_type if release_type in SAMPLES else "EBOOK"


@cache
def sample_facts(release_type: str) -> dict[str, Any]:
    """Return what the made-up release tells a template; not to be changed."""
    new = sample(release_type)
    return nfo_facts(new) | {"type": str(new.type), "sha256": SUM}


def known_names() -> frozenset[str]:
    """Return all that a template may ask for."""
    return frozenset(sample_facts("EBOOK"))


def given_facts(given: Mapping[str, Any], release_type: str = "") -> dict[str, Any]:
    """Return what is known of a release of which only `given` is: the rest is empty."""
    kind = sampled_type(release_type)
    known = {name: value for name, value in given.items() if name in known_names()}
    metadata = {name: given.get(name) or "" for name in METADATA_FIELDS}
    derived = {
        "type": kind,
        "name": given_name(metadata, kind, str(given.get("group") or "")),
        "released_on": timezone.localdate().isoformat(),
        "language_name": description.language_name(str(metadata["language"])),
    }
    blank = {name: type(value)() for name, value in sample_facts(kind).items()}
    return blank | metadata | derived | known


def given_name(metadata: Mapping[str, Any], release_type: str, group: str) -> str:
    """Return the name that `metadata` make, if they make one."""
    form = SAMPLES[release_type][2]
    try:
        return description.release_name(release_type, metadata, form=form, group=group)
    except NamingError:
        return ""


def given_diz(facts: Mapping[str, Any]) -> str:
    """Return the file_id.diz of a release of one disk, of which `facts` are known."""
    lines = description.diz_lines(facts, str(facts["name"]), timezone.localdate())
    return diz.render(lines, disk=1, disks=1).decode("ascii")


def diz_of(new: NewRelease) -> str:
    """Return the file_id.diz of `new`.

    Raises:
        Refused: it has no name yet.
    """
    lines = description.diz_lines(new.metadata, new.release_name(), new.released_on)
    volumes = new.count_volumes(new.chosen_volume_bytes())
    return diz.render(lines, disk=1, disks=volumes).decode("ascii")
