"""The specs that ship with the product, one file a rule. No text of a third party is in them."""

import tomllib
from pathlib import Path

from rules.models import Rule
from rules.spec import Spec

SPECS = Path(__file__).parent / "specs"
SHIPPED = ("2022_EBOOK", "2020_WDX", "tvx2642k16", "sdtvx2642k16", "HOUSE_DOCS")


def seed_rules() -> None:
    """Make a row for each shipped spec, and bring its spec up to date; texts stay as they are."""
    for name in SHIPPED:
        shipped = tomllib.loads((SPECS / f"{name}.toml").read_text(encoding="utf-8"))
        spec = shipped.pop("spec")
        Rule.objects.update_or_create(
            name=shipped["name"],
            defaults=shipped
            | {"spec_data": spec, "release_type": Spec.from_dict(spec).release_type},
        )
