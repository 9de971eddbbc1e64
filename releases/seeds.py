"""The NFO templates that ship with the product."""

from pathlib import Path

from releases.models import NfoTemplate, TemplateStorage, TemplateVersion

TEMPLATES = Path(__file__).parent / "nfo_templates"
SHIPPED = {"ebook": "EBOOK", "tv": "TV", "docs": "DOCS", "minimal": ""}


def seed_templates() -> None:
    """Make the templates that were never made; what people made of them stays as it is."""
    storage = TemplateStorage.current()
    new = [name for name in SHIPPED if name not in storage.seeded]
    for name in new:
        seed_template(name, SHIPPED[name])
    if new:
        seeded = {"seeded": [*storage.seeded, *new]}
        TemplateStorage.objects.update_or_create(pk=storage.pk, defaults=seeded)


def seed_template(name: str, release_type: str) -> None:
    """Make one, unless somebody has made another of its name."""
    others = NfoTemplate.objects.filter(type=release_type, is_default=True)
    template, is_new = NfoTemplate.objects.get_or_create(
        name=name,
        defaults={
            "type": release_type,
            "content": (TEMPLATES / f"{name}.nfo").read_text(encoding="utf-8"),
            "is_system": True,
            "is_default": bool(release_type) and not others.exists(),
        },
    )
    if is_new:
        TemplateVersion.objects.create(
            template=template,
            number=template.version,
            content=template.content,
            encoding=template.encoding,
        )
