"""A client that is generated from the document works with a real instance."""

import importlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tests.instance import PASSWORD, running_instance

pytestmark = pytest.mark.slow
DOCUMENT = settings.BASE_DIR / "docs" / "openapi.json"
NAME = "generated_packer_client"
CONFIG = {
    "content_type_overrides": {"application/offset+octet-stream": "application/octet-stream"},
    "post_hooks": [],
}


def document_of_one_form(folder: Path) -> Path:
    """Write the document with one form of each body: of several the generator makes no Python."""
    document = json.loads(DOCUMENT.read_text())
    for operations in document["paths"].values():
        for one in operations.values():
            for other in [*one.get("requestBody", {}).get("content", {})][1:]:
                del one["requestBody"]["content"][other]
    path = folder / "openapi.json"
    path.write_text(json.dumps(document))
    return path


@pytest.fixture
def generated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Generate the client, put it on the path of modules, and return its folder."""
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CONFIG))
    made = subprocess.run(
        [
            *(str(Path(sys.executable).parent / "openapi-python-client"), "generate"),
            *(
                "--path",
                str(document_of_one_form(tmp_path)),
                "--config",
                str(config),
                "--meta",
                "none",
            ),
            *("--output-path", str(tmp_path / "client" / NAME), "--fail-on-warning"),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    assert "WARNING" not in made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path / "client")
    return tmp_path / "client" / NAME


def part(name: str) -> Any:
    return importlib.import_module(f"{NAME}.{name}")


def operation(name: str) -> Callable[..., Any]:
    """Return what calls an operation, by its resource and its name."""
    found: Callable[..., Any] = part(f"api.{name}").sync
    return found


def test_a_generated_client_logs_in_makes_a_draft_and_lists(
    generated: Path, tmp_path: Path
) -> None:
    models = part("models")
    (data := tmp_path / "data").mkdir()
    with running_instance(data) as instance:
        with part("client").Client(base_url=instance.url) as anybody:
            asked = models.Login(username="admin", password=PASSWORD)
            tokens = operation("auth.auth_login")(client=anybody, body=asked)
        signed_in = part("client").AuthenticatedClient(instance.url, tokens.access_token)
        with signed_in as client:
            body = models.Save.from_dict({"data": {"group": "TESTGROUP"}})
            saved = operation("wizard.wizard_step_save")(1, client=client, body=body)
            step = operation("wizard.wizard_step_data_read")(1, client=client, job_id=saved.job_id)
            releases = operation("releases.releases_list")(client=client)
            rules = operation("rules.rules_list")(client=client, search="2022_EBOOK")

    assert tokens.user.username == "admin"
    assert step.data.to_dict() == {"group": "TESTGROUP"}
    assert (releases.releases, releases.pagination.total) == ([], 0)
    assert "2022_EBOOK" in {rule.name for rule in rules.rules}


def test_the_client_has_every_operation(generated: Path) -> None:
    document = json.loads(DOCUMENT.read_text())
    names = {
        one["operationId"]
        for operations in document["paths"].values()
        for one in operations.values()
    }

    assert names <= {path.stem for path in (generated / "api").glob("*/*.py")}
