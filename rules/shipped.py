"""The specs that ship with the product, one file a rule. No text of a third party is in them.

No Django here: a rule can be asked without a database.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rules.schema import SpecFault, check_file
from rules.spec import Spec

SPECS = Path(__file__).parent / "specs"
NAMES = ("2022_EBOOK", "2020_WDX", "tvx2642k16", "sdtvx2642k16", "HOUSE_DOCS")
"""The recommended ones first."""
HOUSE_PROFILES = ("HOUSE_DOCS",)
"""Those of them that are our own: nobody published them."""


@dataclass(frozen=True, slots=True)
class ShippedRule:
    name: str
    scene: str
    section: str
    year: int
    spec: Spec


def read_rule(name: str) -> ShippedRule:
    data = read_data(name)
    return ShippedRule(**data | {"spec": Spec.from_dict(data["spec"])})


def read_data(name: str) -> dict[str, Any]:
    """Return the file of a shipped rule as it stands.

    Raises:
        SpecFault: it is no file of a spec.
    """
    file = f"{name}.toml"
    text = (SPECS / file).read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecFault(f"{file}: {error}") from error
    check_file(data, file)
    return data
