"""The NFO templates that ship with the product."""

from pathlib import Path

from releases.models import NfoTemplate

TEMPLATES = Path(__file__).parent / "nfo_templates"
SHIPPED = {"ebook": "EBOOK", "tv": "TV", "docs": "DOCS", "minimal": ""}


def seed_templates() -> None:
    """Make the templates that are missing; those that exist keep what people made of them."""
    for name, release_type in SHIPPED.items():
        NfoTemplate.objects.get_or_create(
            name=name,
            defaults={
                "type": release_type,
                "content": (TEMPLATES / f"{name}.nfo").read_text(encoding="utf-8"),
                "is_default": bool(release_type),
            },
        )
