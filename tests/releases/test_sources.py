"""What keeps a release from being made of a file."""

import pytest

from releases.actions import Refused, check_source
from releases.actions.sources import keep_examined
from releases.arriving import NotFree
from releases.metadata.problem import flaw, problem
from releases.models import Source
from rules.models import Rule
from rules.shipped import read_data
from tests.factories import make_source

FORMATS = ("epub", "pdf", "cbr", "cb7", "cbt", "fb2", "djvu", "chm", "html", "lit", "kfx", "mp4")


def rule_for(form: str) -> Rule:
    """Return a rule, which is not saved, that allows files of the type `form`."""
    return Rule(spec_data=read_data("2022_EBOOK")["spec"] | {"formats": [form]})


def source_of(form: str, name: str, **found: object) -> Source:
    return Source(name=name, analysis={"format": form, "drm": "", "problems": []} | found)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_of_any_format_that_a_rule_allows_is_taken(form: str) -> None:
    check_source(source_of(form, f"Book.{form.upper()}"), rule_for(form))


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_named_as_another_format_is_refused_with_the_right_name(form: str) -> None:
    with pytest.raises(Refused, match=rf"ends in \.{form}\."):
        check_source(source_of(form, "Book.xyz"), rule_for(form))


@pytest.mark.parametrize("form", FORMATS)
def test_a_protected_file_is_refused_and_its_protection_named(form: str) -> None:
    source = source_of(form, f"book.{form}", drm="Adobe ADEPT")

    with pytest.raises(Refused, match=r"protected \(Adobe ADEPT\)"):
        check_source(source, rule_for(form))


def test_a_damaged_file_is_refused_and_each_reason_told() -> None:
    damage = [problem("It is cut short."), flaw("It has no title."), problem("It is empty.")]
    source = source_of("cbr", "book.cbr", problems=[one.as_json() for one in damage])

    with pytest.raises(Refused, match=r"damaged\. It is cut short\. It is empty\.$"):
        check_source(source, rule_for("cbr"))


def test_a_flaw_alone_is_no_reason_to_refuse() -> None:
    source = source_of("fb2", "book.fb2", problems=[flaw("It has no title.").as_json()])

    check_source(source, rule_for("fb2"))


def gone() -> None:
    raise NotFree


@pytest.mark.django_db
def test_a_file_that_another_process_kept_meanwhile_stays() -> None:
    kept = make_source()
    late = Source(handle=kept.handle, name=kept.name, size=kept.size, created_by=kept.created_by)

    with pytest.raises(NotFree):
        keep_examined(late, gone)

    assert kept.path.exists()


@pytest.mark.django_db
def test_a_file_that_cannot_be_kept_leaves_nothing() -> None:
    sent = make_source()
    Source.objects.all().delete()

    with pytest.raises(NotFree):
        keep_examined(sent, gone)

    assert not sent.path.exists()
