"""What is listed before the site was ever asked."""

import tomllib
from pathlib import Path
from urllib.parse import quote, urljoin

from django.conf import settings

from rulebook import detection
from rulebook.models import Listing

STEMS = Path(__file__).with_name("stems.toml")


def seed_listings() -> None:
    """List the rules that are known by name; what the site said of one since wins."""
    Listing.objects.bulk_create(seeds(), ignore_conflicts=True)


def seeds() -> list[Listing]:
    scenes: dict[str, dict[str, str]] = tomllib.loads(STEMS.read_text(encoding="utf-8"))
    return [
        Listing(
            name=name,
            scene=scene,
            section=section,
            year=detection.from_name(name).year,
            url=urljoin(settings.RULES_URL, f"nfo/{quote(name)}.nfo"),
        )
        for scene, sections in scenes.items()
        for name, section in sections.items()
    ]
