import json
from pathlib import Path
from typing import Any

import pytest

from releases.metadata import Analysis, analyse
from tests.books import make_epub


def test_as_json_and_back_is_the_same(tmp_path: Path) -> None:
    analysis = analyse(make_epub(tmp_path / "book.epub"))

    assert Analysis.from_json(json.loads(json.dumps(analysis.as_json()))) == analysis


@pytest.mark.parametrize(
    "change",
    [{"size": "1"}, {"size": True}, {"problems": "none"}, {"metadata": []}, {"more": 1}],
)
def test_from_json_refuses_another_shape(change: dict[str, Any]) -> None:
    document = Analysis(format="epub", size=1, valid=True).as_json()

    with pytest.raises(ValueError, match="of"):
        Analysis.from_json(document | change)


@pytest.mark.parametrize("document", [None, [], "{}", 7, {}])
def test_from_json_refuses_what_is_no_analysis(document: object) -> None:
    with pytest.raises(ValueError, match="not the fields"):
        Analysis.from_json(document)
