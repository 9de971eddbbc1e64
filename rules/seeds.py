"""The specs that ship with the product, one file a rule. No text of a third party is in them."""

import tomllib
from pathlib import Path

from rules.models import Rule
from rules.spec import Spec

SPECS = Path(__file__).parent / "specs"


def seed_rules() -> None:
    """Make a row for each shipped spec, and bring its spec up to date; texts stay as they are."""
    for path in sorted(SPECS.glob("*.toml")):
        shipped = tomllib.loads(path.read_text(encoding="utf-8"))
        spec = shipped.pop("spec")
        Rule.objects.update_or_create(
            name=shipped["name"],
            defaults=shipped
            | {"spec_data": spec, "release_type": Spec.from_dict(spec).release_type},
        )
