"""What the code reads from the environment is what the documents say that it reads."""

import re
from pathlib import Path

from tests.site.test_settings import ROOT

APPS = ("accounts", "api", "cli", "delivery", "jobs", "monitoring", "packer_site", "releases")
READS = re.compile(r'(?:env\.[a-z]+|secret|networks)\(\s*"([A-Z0-9_]+)"|"(PACKER_[A-Z_]+)"')
OF_DJANGO = {"DJANGO_SETTINGS_MODULE"}
DOCUMENT = (ROOT / "docs" / "configure.md").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
COMPOSED = "## Of compose.yaml alone"
SHELL = re.search(r"^## Of the environment alone$.*?(?=^## )", DOCUMENT, re.M | re.S)


def read_by_the_code() -> set[str]:
    code = "".join(path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py"))
    return {one or other for one, other in READS.findall(code)} - OF_DJANGO


def told(text: str) -> set[str]:
    return set(re.findall(r"^\| `([A-Z0-9_]+)` \|", text, re.M))


def test_each_variable_that_the_code_reads_is_documented() -> None:
    assert told(DOCUMENT.partition(COMPOSED)[0]) == read_by_the_code()


def test_the_example_has_each_variable_that_is_documented() -> None:
    assert SHELL
    kept = told(DOCUMENT) - told(SHELL[0])

    assert set(re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE, re.M)) == kept
    assert "PACKER_URL" not in kept


def test_what_compose_alone_reads_stands_in_it() -> None:
    compose = (ROOT / "compose.yaml").read_text()

    for name in told(DOCUMENT.partition(COMPOSED)[2]) - {"COMPOSE_PROFILES"}:
        assert f"${{{name}:-" in compose, name


def test_every_link_of_the_documents_of_operation_leads_somewhere() -> None:
    for name in ("install", "configure", "operate", "secure", "scale"):
        page = ROOT / "docs" / f"{name}.md"
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (Path(page.parent) / target).exists(), f"{name}: {target}"
