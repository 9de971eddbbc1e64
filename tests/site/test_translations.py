import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings as site
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from packer_site import messages
from releases.actions import told
from releases.packing import PackingError
from tests.factories import make_admin, make_draft, make_operator
from tests.processes import program

LOCALE = Path(site.BASE_DIR) / "packer_site" / "locale"
CATALOGS = {path.parts[-3]: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))}
PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z]")
GROUP_SENTENCE = "Le nom du groupe doit contenir uniquement lettres majuscules et chiffres"


def catalog(language: str) -> polib.POFile:
    return polib.pofile(str(CATALOGS[language]))


def translations(entry: polib.POEntry) -> list[str]:
    return [*entry.msgstr_plural.values()] if entry.msgid_plural else [entry.msgstr]


def forms(entry: polib.POEntry) -> Iterator[tuple[str, str]]:
    """Yield each form of a text with its translation."""
    if not entry.msgid_plural:
        yield entry.msgid, entry.msgstr
    for number, text in entry.msgstr_plural.items():
        yield entry.msgid_plural if number else entry.msgid, text


def msgids(path: Path) -> set[str]:
    return {entry.msgid for entry in polib.pofile(str(path)) if not entry.obsolete}


@pytest.fixture
def french_by_default(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "fr"


@pytest.fixture
def collected(settings: Settings, tmp_path: Path) -> Path:
    """The folder of catalogs that the source as it is now makes."""
    program("xgettext", "gettext")
    settings.LOCALE_PATHS = [tmp_path / "collected"]
    messages.collect()
    return tmp_path / "collected"


def test_the_french_catalog_holds_every_text_of_the_source_and_no_other(collected: Path) -> None:
    assert msgids(collected / "fr/LC_MESSAGES/django.po") == msgids(CATALOGS["fr"])


def test_a_text_of_an_engine_and_of_a_page_is_collected_once(collected: Path) -> None:
    entries = polib.pofile(str(collected / "fr/LC_MESSAGES/django.po"))

    texts = Counter((entry.msgctxt, entry.msgid) for entry in entries)

    assert [text for text, count in texts.items() if count > 1] == []


def test_every_text_is_translated_into_french() -> None:
    french = catalog("fr")

    assert [entry.msgid for entry in french.untranslated_entries()] == []
    assert [entry.msgid for entry in french.fuzzy_entries()] == []


@pytest.mark.parametrize("language", CATALOGS)
def test_translations_have_the_placeholders_of_their_texts(language: str) -> None:
    for entry in catalog(language):
        for form, text in forms(entry):
            if text:
                assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(form)), form


def test_french_has_its_apostrophes_and_its_unbreakable_spaces() -> None:
    for entry in catalog("fr"):
        for text in translations(entry):
            assert not re.search(r"'| [:;?!»]|« |\w[;?!»]", text), text


@pytest.mark.parametrize("language", CATALOGS)
def test_the_compiled_catalog_is_that_of_its_source(language: str) -> None:
    compiled = CATALOGS[language].with_suffix(".mo").read_bytes()

    assert compiled == catalog(language).to_binary()


@pytest.mark.django_db
@pytest.mark.usefixtures("french_by_default")
@pytest.mark.parametrize(
    ("asked", "heading"),
    [("fr", "Se connecter"), ("en", "Log in"), ("de", "Se connecter")],
)
def test_a_page_speaks_the_language_of_the_browser(asked: str, heading: str) -> None:
    make_admin()

    page = Client(headers={"Accept-Language": asked}).get("/accounts/login/", follow=True)

    assert f"<h1>{heading}</h1>" in page.content.decode()


@pytest.mark.usefixtures("seeded", "french_by_default")
@pytest.mark.parametrize(
    ("asked", "sentence"),
    [("fr", GROUP_SENTENCE), ("en", "must consist of capital letters and digits alone")],
)
def test_a_bad_group_is_refused_in_the_language_of_the_browser(asked: str, sentence: str) -> None:
    draft = make_draft(owner=make_operator())
    client = Client(headers={"Accept-Language": asked})
    client.force_login(draft.owner)

    page = client.post(
        draft.get_absolute_url(), {f"{draft.uuid}-current_step": "group", "group": "no group"}
    )

    assert sentence in page.content.decode()


def test_the_errors_of_an_engine_are_told_in_french() -> None:
    error = PackingError(
        "The headers of %(file)s are encrypted: only its password opens it", file="grp.rar"
    )

    with translation.override("fr"):
        assert told(error) == (
            "Les en-têtes de grp.rar sont chiffrés\N{NO-BREAK SPACE}: "
            "seul son mot de passe l\N{RIGHT SINGLE QUOTATION MARK}ouvre"
        )


def test_sentences_are_found_in_calls_and_in_tables() -> None:
    code = (
        "TABLE = {1: 'Not %(this)s'}\n"
        "raise PackingError('Nothing to pack')\n"
        "yield file.damaged('%(file)s is ' 'short')\n"
        "log('Not a sentence for people')\n"
    )

    assert set(messages.sentences(code)) == {
        "Not %(this)s",
        "Nothing to pack",
        "%(file)s is short",
    }
