"""Step 7 beyond its form: what is shown of a text, and how it is taken away."""

from typing import Any

import pytest

from releases.models import NfoTemplate
from rules.models import Rule
from tests.factories import make_operator, make_template
from tests.wizard.test_views import Walker, template

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def walker() -> Walker:
    found = Walker(make_operator())
    found.walk(until="nfo")
    return found


def ask(walker: Walker, path: str, **answers: Any) -> Any:
    url = f"/wizard/{walker.draft.uuid}/{path}/"
    return walker.client.post(url, {"template_id": template("ebook")} | answers)


def test_the_step_shows_text_and_nfo_of_the_best_template(walker: Walker) -> None:
    page = walker.get("nfo")

    assert page.context["content"] == NfoTemplate.objects.get(name="ebook").content
    assert b"Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP" in page.content
    assert b"DISK: [01/01]" in page.content


def test_the_preview_button_keeps_what_is_typed_and_saves_nothing(walker: Walker) -> None:
    page = walker.answer(
        "nfo", template_id=template("ebook"), template_text="Of {{ author }}", preview="yes"
    )

    walker.draft.refresh_from_db()
    assert page.context["step"].key == "nfo"
    assert page.context["content"] == "Of {{ author }}"
    assert page.context["shown"].text == "Of Ann Author"
    assert "nfo" not in walker.draft.answers


def test_without_script_another_template_brings_its_text(walker: Walker) -> None:
    minimal = NfoTemplate.objects.get(name="minimal")
    of_the_first = NfoTemplate.objects.get(name="ebook").content

    page = walker.answer("nfo", template_id=minimal.pk, template_text=of_the_first, preview="yes")

    assert page.context["content"] == minimal.content


def test_a_template_for_the_rule_comes_first(walker: Walker) -> None:
    owner = walker.draft.owner
    made = make_template(created_by=owner, type="EBOOK", rule=Rule.objects.get(name="2022_EBOOK"))

    assert walker.get("nfo").context["content"] == made.content


def test_a_template_deleted_under_the_draft_gives_way(walker: Walker) -> None:
    chosen = make_template(created_by=walker.draft.owner)
    walker.answer("nfo", template_id=chosen.pk, template_text="")
    chosen.delete()

    page = walker.get("nfo")
    packed = walker.get("options")

    assert page.context["form"].errors == {}
    assert page.context["template"].name == "ebook"
    assert not packed.context.get("report_error")


def test_what_is_typed_is_downloaded(walker: Walker) -> None:
    nfo = ask(walker, "download", template_text="█ {{ author }}", **{"as": "nfo"})
    png = ask(walker, "download", template_text="█ {{ author }}", **{"as": "png"})
    wide = ask(walker, "download", template_text="x" * 900, **{"as": "png"})

    assert nfo.content == b"\xdb Ann Author"
    assert png.content.startswith(b"\x89PNG")
    assert wide.status_code == 400
    assert b"cannot be drawn" in wide.content


def test_a_text_that_is_too_long_is_told_and_kept(walker: Walker) -> None:
    page = walker.answer("nfo", template_id=template("ebook"), template_text="x" * 100_001)

    assert "100000" in str(page.context["form"].errors["template_text"])
    assert page.context["content"] == "x" * 100_001


def test_markup_stays_text(walker: Walker) -> None:
    evil = "</textarea><script>alert(1)</script>"

    page = walker.answer("nfo", template_id=template("ebook"), template_text=evil, preview="yes")

    assert b"<script>alert" not in page.content


def test_anothers_draft_is_not_found(walker: Walker) -> None:
    walker.client.force_login(make_operator())

    for path in ("preview", "download"):
        assert ask(walker, path, template_text="x").status_code == 404


def test_choosing_another_template_keeps_a_text_of_ones_own(walker: Walker) -> None:
    shown = ask(
        walker,
        "preview",
        template_id=template("minimal"),
        template_text="Of {{ author }}",
        template_chosen="yes",
    ).content.decode()

    assert "Of Ann Author" in shown
    assert "<textarea" not in shown
    assert "Use the text of this template" in shown


def test_choosing_another_template_brings_its_text_where_none_was_changed(walker: Walker) -> None:
    minimal = NfoTemplate.objects.get(name="minimal")
    of_the_first = NfoTemplate.objects.get(name="ebook").content

    shown = ask(
        walker,
        "preview",
        template_id=minimal.pk,
        template_text=of_the_first,
        template_chosen="yes",
    )

    assert shown.context["content"] == minimal.content
    assert b"<textarea" in shown.content
    assert b"Use the text of this template" not in shown.content


def test_without_script_the_text_of_the_template_is_asked_for(walker: Walker) -> None:
    chosen = {"template_id": template("minimal"), "template_text": "mine"}

    kept = walker.answer("nfo", **chosen, preview="yes")
    replaced = walker.answer("nfo", **chosen, replace_text="yes")

    assert kept.context["content"] == "mine"
    assert b"Use the text of this template" in kept.content
    assert replaced.context["content"] == NfoTemplate.objects.get(name="minimal").content
    assert b"Use the text of this template" not in replaced.content


def test_what_is_downloaded_is_called_as_the_release(walker: Walker) -> None:
    nfo = ask(walker, "download", template_text="x", **{"as": "nfo"})

    name = "Ann.Author.Some.Book.2020.RETAiL.ePUB.eBook-GRP.nfo"
    assert nfo.headers["Content-Disposition"] == f'attachment; filename="{name}"'
