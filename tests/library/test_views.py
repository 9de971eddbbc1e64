from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from releases import actions
from releases.actions import NewTemplate
from releases.models import DefaultTemplate, NfoTemplate
from tests.factories import (
    make_admin,
    make_draft,
    make_new,
    make_operator,
    make_template,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture
def operator(seeded: None, client: Client) -> User:
    user = make_operator()
    client.force_login(user)
    return user


@pytest.fixture
def admin(seeded: None) -> tuple[Client, User]:
    user, client = make_admin(), Client()
    client.force_login(user)
    return client, user


def typed(**fields: Any) -> dict[str, Any]:
    return {"name": "mine", "type": "", "encoding": "cp437", "content": "{{ title }}"} | fields


def shipped(name: str = "ebook") -> NfoTemplate:
    return NfoTemplate.objects.get(name=name)


def text(page: Any) -> str:
    return str(page.content.decode())


def test_every_page_asks_for_a_login(client: Client) -> None:
    for name in ("index", "new", "import", "storage"):
        url = reverse(f"library:{name}")
        assert client.get(url).headers["Location"] == f"/accounts/login/?next={url}"
    assert "login" in client.post(reverse("library:preview")).headers["Location"]


def test_the_list_shows_everybodys_and_ones_own_with_what_they_give(
    client: Client, operator: User
) -> None:
    make_template(name="SECRET", created_by=make_operator())
    make_template(name="own", created_by=operator, content="By {{ author }}!")

    page = text(client.get("/templates/"))

    assert "By H. G. Wells!" in page
    assert all(f">{name}</a>" in page for name in ("ebook", "tv", "docs", "minimal", "own"))
    assert "SECRET" not in page
    assert "Delete own" in page
    assert "Delete ebook" not in page


def test_the_list_is_narrowed_to_a_type(client: Client, operator: User) -> None:
    page = text(client.get("/templates/?type=TV"))

    assert ">tv</a>" in page
    assert ">ebook</a>" not in page


def test_more_templates_cost_no_more_queries(client: Client, operator: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/templates/").status_code == 200
        return len(queries)

    make_template(created_by=operator)
    client.get("/templates/")
    one = cost()
    for _ in range(5):
        make_template(created_by=operator)

    assert cost() == one <= 10


def test_a_template_is_made_and_opened(client: Client, operator: User) -> None:
    made = client.post("/templates/new/", typed())

    template = NfoTemplate.objects.get(name="mine")
    assert made.headers["Location"] == template.get_absolute_url()
    assert "The template is saved." in text(client.get(template.get_absolute_url()))


def test_what_is_wrong_is_told_and_what_was_typed_stays(client: Client, operator: User) -> None:
    page = client.post("/templates/new/", typed(name="ebook", content="{{ titel }} stays"))
    again = client.post("/templates/new/", typed(name="ebook", content="{{ title }} stays"))

    assert list(page.context["form"].errors) == ["content"]
    assert "{{ titel }} stays" in text(page)
    assert "Is it title?" in text(page)
    assert list(again.context["form"].errors) == ["name"]
    assert not NfoTemplate.objects.filter(created_by=operator).exists()


def test_ones_own_is_changed_and_anothers_is_only_looked_at(client: Client, operator: User) -> None:
    own = make_template(created_by=operator)
    hidden = make_template(created_by=make_operator())

    changed = client.post(own.get_absolute_url(), typed(content="new", seen_version=1))
    refused = client.post(shipped().get_absolute_url(), typed(name="ebook", content="new"))

    own.refresh_from_db()
    assert (changed.status_code, own.content, own.version) == (302, "new", 2)
    assert refused.status_code == 403
    assert "readonly" in text(client.get(shipped().get_absolute_url()))
    assert "make a copy" in text(client.get(shipped().get_absolute_url()))
    assert client.get(hidden.get_absolute_url()).status_code == 404


def test_two_tabs_lose_nothing(client: Client, operator: User) -> None:
    own = make_template(created_by=operator, name="mine")
    client.post(own.get_absolute_url(), typed(content="first", seen_version=1))

    late = client.post(own.get_absolute_url(), typed(content="second", seen_version=1))

    own.refresh_from_db()
    assert own.content == "first"
    assert "changed meanwhile" in text(late)
    assert "second" in text(late)


def test_the_preview_shows_what_is_typed_with_what_was_chosen(
    client: Client, operator: User
) -> None:
    draft = make_draft(owner=operator, enrichment={"title": "My Draft"})
    hidden = make_draft(enrichment={"title": "Secret"})

    def shown(facts: str, content: str = "{{ title }}") -> str:
        body = typed(content=content, facts=facts)
        return text(client.post("/templates/preview/", body, headers={"HX-Request": "true"}))

    assert "The Time Machine" in shown("sample:EBOOK")
    assert "Night Watch" in shown("sample:TV")
    assert "My Draft" in shown(f"draft:{draft.uuid}")
    for wrong in (f"draft:{hidden.uuid}", "draft:none", "", "sample:", "x" * 1000):
        assert "The Time Machine" in shown(wrong)
    assert "Is it title?" in shown("sample:EBOOK", "{{ titel }}")
    assert "DISK: [01/01]" in shown("sample:EBOOK")


def test_marks_lead_to_their_lines(client: Client, operator: User) -> None:
    body = typed(content="ok\n{{ titel }}\n" + "x" * 81, encoding="ascii")

    page = text(client.post("/templates/preview/", body))

    assert 'data-line="2" data-column="4" data-where="template" data-into="id_content"' in page
    assert 'href="#nfo-line-3"' in page
    assert '<mark id="nfo-line-3"' in page


def test_the_preview_button_saves_nothing(client: Client, operator: User) -> None:
    body = typed(content="Of {{ author }}", preview="yes")

    page = text(client.post("/templates/new/", body))

    assert "Of H. G. Wells" in page
    assert not NfoTemplate.objects.filter(name="mine").exists()


@pytest.mark.parametrize(
    ("kind", "name", "start"),
    [
        ("nfo", "mine.nfo", b"\xdb H. G. Wells\r\n"),
        ("png", "mine.png", b"\x89PNG"),
        ("png-light", "mine.png", b"\x89PNG"),
        ("template", "mine.txt", "█ {{ author }}\r\n".encode()),
    ],
)
def test_what_is_typed_is_downloaded(
    client: Client, operator: User, kind: str, name: str, start: bytes
) -> None:
    sent = client.post("/templates/download/", typed(content="█ {{ author }}\n") | {"as": kind})

    assert sent.content.startswith(start)
    assert sent.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert sent.headers["X-Content-Type-Options"] == "nosniff"


def test_what_cannot_be_drawn_is_told(client: Client, operator: User) -> None:
    body = typed(content="x" * 500) | {"as": "png"}

    page = client.post("/templates/download/", body)

    assert page.status_code == 400
    assert "cannot be drawn" in text(page)


def test_a_file_is_shown_before_anything_is_saved(client: Client, operator: User) -> None:
    data = "█ {{#if author}}{{author}}{{/if}}\r\n".encode("cp437")

    page = client.post("/templates/import/", {"file": SimpleUploadedFile("My Art.nfo", data)})

    assert "{% if author %}" in text(page)
    assert "Nothing is saved yet" in text(page)
    assert page.context["form"]["name"].value() == "My Art"
    assert not NfoTemplate.objects.filter(created_by=operator).exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bytes(range(256)) * 50, "no text"),
        (b"x" * 10_000_000, "at most 1\xa0048\xa0576"),
        (b"", "empty"),
    ],
)
def test_a_file_that_cannot_be_one_is_refused_with_a_sentence(
    client: Client, operator: User, content: bytes, sentence: str
) -> None:
    page = client.post("/templates/import/", {"file": SimpleUploadedFile("a.nfo", content)})

    assert sentence in str(page.context["form"].errors["file"])


def test_no_file_is_asked_for(client: Client, operator: User) -> None:
    assert "Choose a file." in text(client.post("/templates/import/", {}))


def test_a_copy_is_made_and_opened(client: Client, operator: User) -> None:
    page = client.post(f"/templates/{shipped().pk}/duplicate/", follow=True)

    assert "copy of ebook" in text(page)
    assert NfoTemplate.objects.get(name="copy of ebook").created_by == operator


def test_deleting_asks_first(client: Client, operator: User) -> None:
    own = make_template(created_by=operator)
    url = f"/templates/{own.pk}/delete/"

    asked = client.get(url)
    client.post(url)

    assert "Delete" in text(asked)
    assert not NfoTemplate.objects.filter(pk=own.pk).exists()
    assert client.post(f"/templates/{shipped().pk}/delete/").status_code == 403


def test_what_cannot_be_deleted_is_told(admin: tuple[Client, User]) -> None:
    client, _user = admin
    NfoTemplate.objects.exclude(name="ebook").delete()

    page = client.post(f"/templates/{shipped().pk}/delete/", follow=True)

    assert "last template" in text(page)


def test_defaults_are_set_and_taken_back(
    client: Client, operator: User, admin: tuple[Client, User]
) -> None:
    minimal, url = shipped("minimal"), f"/templates/{shipped('minimal').pk}/default/"

    client.post(url, {"type": "TV", "whose": "mine"})
    assert DefaultTemplate.objects.get().template == minimal
    assert "My default for TV: take back" in text(client.get(minimal.get_absolute_url()))
    client.post(url, {"type": "TV", "whose": "nobody"})
    assert not DefaultTemplate.objects.exists()

    wrong = client.post(f"/templates/{shipped().pk}/default/", {"type": "TV"}, follow=True)
    assert "choose another" in text(wrong)
    assert client.post(url, {"whose": "everybody"}).status_code == 403
    book = make_template(type="EBOOK", is_system=True)
    admin[0].post(f"/templates/{book.pk}/default/", {"whose": "everybody"})
    assert NfoTemplate.objects.get(type="EBOOK", is_default=True) == book


def test_versions_tell_what_changed_and_lead_back(client: Client, operator: User) -> None:
    own = actions.create_template(NewTemplate(name="mine", content="one\ntwo"), by=operator)
    for content in ("one\nthree", "four"):
        actions.change_template(own, NewTemplate(name="mine", content=content), by=operator)
    url = f"/templates/{own.pk}/versions/"

    newest, chosen = text(client.get(url)), text(client.get(f"{url}?from=1&to=2"))

    assert '<span class="removed">-one</span>' in newest
    assert '<span class="removed">-two</span>' in chosen
    assert '<span class="added">+three</span>' in chosen
    for wrong in ("from=9", "to=99999999999", "to=x", "from=-1"):
        assert client.get(f"{url}?{wrong}").status_code in {200, 404}

    client.post(f"{url}1/restore/")

    own.refresh_from_db()
    assert (own.content, own.version) == ("one\ntwo", 4)
    assert client.post(f"/templates/{shipped().pk}/versions/1/restore/").status_code == 403


def test_a_first_version_is_shown_whole(client: Client, operator: User) -> None:
    own = actions.create_template(NewTemplate(name="mine", content="only this"), by=operator)

    assert "only this" in text(client.get(f"/templates/{own.pk}/versions/"))


def test_the_storage_page_says_what_will_happen_then_begins_it(
    admin: tuple[Client, User],
) -> None:
    client, _user = admin

    first = text(client.get("/templates/storage/"))
    plan = text(client.get("/templates/storage/?storage=disk&disk_path="))
    wrong = client.get("/templates/storage/?storage=disk&disk_path=/etc")
    same = client.get("/templates/storage/?storage=db")
    began = client.post("/templates/storage/", {"storage": "disk", "disk_path": ""}, follow=True)

    assert "Show what will happen" in first
    assert "ebook.nfo" in plan
    assert list(wrong.context["form"].errors) == ["disk_path"]
    assert list(same.context["form"].errors) == ["storage"]
    assert "Waiting for a worker" in text(began)


def test_the_storage_is_for_who_may_configure(client: Client, operator: User) -> None:
    assert client.get("/templates/storage/").status_code == 403
    assert client.post("/templates/storage/", {"storage": "disk"}).status_code == 403
    assert "Storage" not in text(client.get("/templates/"))


def test_who_may_not_make_releases_makes_no_templates(client: Client) -> None:
    client.force_login(make_user())

    assert client.get("/templates/").status_code == 200
    for url in ("/templates/new/", "/templates/import/"):
        assert client.get(url).status_code == 403
    assert client.post(f"/templates/{shipped().pk}/duplicate/").status_code == 403


def test_markup_in_names_and_texts_stays_text(client: Client, operator: User) -> None:
    name = EVIL.replace("/", "")
    own = actions.create_template(NewTemplate(name=name, content=EVIL), by=operator)
    actions.change_template(own, NewTemplate(name=name, content=f"{EVIL}!"), by=operator)
    page = f"/templates/{own.pk}/"

    shown = [
        *(client.get(url) for url in ("/templates/", page, f"{page}versions/", f"{page}delete/")),
        client.post("/templates/preview/", typed(name=EVIL, content=EVIL)),
        client.post("/templates/new/", typed(name=EVIL, content=EVIL, facts=EVIL)),
        client.post(
            "/templates/import/", {"file": SimpleUploadedFile(f"{name}.nfo", EVIL.encode())}
        ),
    ]

    for answer in shown:
        assert answer.status_code == 200
        assert "<script>alert" not in text(answer)
        assert "<img src=x" not in text(answer)
    disposition = client.post(
        "/templates/download/", typed(name="a\r\nX-Evil: 1", content="x") | {"as": "nfo"}
    ).headers["Content-Disposition"]
    assert "\n" not in disposition


def test_ten_megabytes_are_refused_and_nothing_is_lost(client: Client, operator: User) -> None:
    own = make_template(created_by=operator)
    before = own.content

    for url in (own.get_absolute_url(), "/templates/new/", "/templates/preview/"):
        refused = client.post(url, typed(content="x" * 10_000_000))
        assert refused.status_code == 400
        assert "too much" in text(refused)
    page = client.post(own.get_absolute_url(), typed(content="x" * 100_001))

    own.refresh_from_db()
    assert own.content == before
    assert "100000" in str(page.context["form"].errors["content"])


def test_a_release_says_which_template_it_was_rendered_from(client: Client, operator: User) -> None:
    release = actions.create_release(make_new(owner=operator), by=operator)

    page = text(client.get(release.get_absolute_url()))

    assert "ebook" in page
    assert "version 1" in page


def test_the_editor_costs_few_queries(client: Client, operator: User) -> None:
    own = make_template(created_by=operator)
    for _ in range(5):
        make_draft(owner=operator, enrichment={"title": "A Draft"})
        make_template(created_by=operator)
    client.get(own.get_absolute_url())

    with CaptureQueriesContext(connection) as queries:
        client.get(own.get_absolute_url())

    assert len(queries) <= 10, [query["sql"][:120] for query in queries]


def test_the_administration_changes_templates_with_their_version(
    admin: tuple[Client, User],
) -> None:
    client, user = admin
    page = f"/admin/releases/nfotemplate/{shipped().pk}/change/"
    answers = typed(name="ebook", type="EBOOK", content="new", is_system="on", rule="")
    inline = {"versions-TOTAL_FORMS": 0, "versions-INITIAL_FORMS": 0}

    changed = client.post(page, answers | inline)
    refused = client.post(page, answers | inline | {"content": "{{ titel }}"})
    added = client.post("/admin/releases/nfotemplate/add/", typed(name="added") | inline)

    assert (changed.status_code, refused.status_code, added.status_code) == (302, 200, 302)
    newest = shipped().versions.get(number=2)
    assert (newest.content, newest.by) == ("new", user)
    assert "titel" in text(refused)
    assert NfoTemplate.objects.get(name="added").versions.count() == 1
