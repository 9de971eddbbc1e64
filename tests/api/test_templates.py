from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from jobs.models import Job
from packer_site.work import run
from releases import actions
from releases.models import DefaultTemplate, NfoTemplate, TemplateStorage
from tests.factories import make_admin, make_operator, make_template, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/templates"
SYSTEM = {"docs", "ebook", "minimal", "tv"}
EVIL = "<script>alert(1)</script>"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def admin(seeded: None) -> APIClient:
    return client_of(make_admin())


def make_own(owner: User, **fields: Any) -> NfoTemplate:
    new = {"name": "mine", "content": "{{ title }}\n", "type": "EBOOK"} | fields
    return actions.create_template(actions.NewTemplate(**new), by=owner)


def names(answer: Any) -> set[str]:
    return {one["name"] for one in answer.json()["templates"]}


def test_everybody_sees_the_shipped_templates_and_their_own(
    api: APIClient, operator: User, admin: APIClient
) -> None:
    make_own(operator)
    make_own(make_operator(), name="theirs")

    assert names(api.get(PATH)) == SYSTEM | {"mine"}
    assert names(admin.get(PATH)) == SYSTEM | {"mine", "theirs"}
    assert names(api.get(PATH, {"type": "TV"})) == {"tv", "minimal"}
    assert names(api.get(PATH, {"search": "MIN"})) == {"minimal", "mine"}


def test_a_template_is_told_in_full(api: APIClient, operator: User) -> None:
    template = make_own(operator)

    body = api.get(f"{PATH}/{template.pk}").json()

    assert body.pop("updated_at")
    assert body == {
        "id": template.pk,
        "name": "mine",
        "type": "EBOOK",
        "rule": None,
        "content": "{{ title }}\n",
        "encoding": "cp437",
        "version": 1,
        "is_default": False,
        "is_system": False,
        "is_mine": False,
    }


def test_a_list_asks_the_same_of_the_database_whatever_its_length(
    api: APIClient, operator: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_own(operator, name=f"mine {number}")

    with django_assert_max_num_queries(10):
        assert len(api.get(PATH, {"per_page": 100}).json()["templates"]) == 34


def test_a_template_is_made_changed_restored_copied_and_deleted(api: APIClient) -> None:
    body = {"name": "two lines", "type": "EBOOK", "content": "{{ title }}\n{{ author }}\n"}
    made = api.post(PATH, body, format="json")
    number = made.json()["id"]
    changed = api.put(f"{PATH}/{number}", {"content": "{{ year }}\n"}, format="json")
    versions = api.get(f"{PATH}/{number}/versions").json()["versions"]
    second_page = api.get(f"{PATH}/{number}/versions", {"page": 2, "per_page": 1}).json()
    restored = api.post(f"{PATH}/{number}/versions/1/restore")
    copied = api.post(f"{PATH}/{number}/duplicate")
    gone = api.delete(f"{PATH}/{number}")

    assert (made.status_code, made.json()["message"]) == (201, "Template created")
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert [(one["version"], one["content"], one["by"]) for one in versions] == [
        (2, "{{ year }}\n", "operator"),
        (1, "{{ title }}\n{{ author }}\n", "operator"),
    ]
    assert [one["version"] for one in second_page["versions"]] == [1]
    assert second_page["pagination"] == {"page": 2, "per_page": 1, "total": 2, "pages": 2}
    assert (restored.status_code, restored.json()["version"]) == (200, 3)
    assert copied.status_code == 201
    assert (gone.status_code, gone.json()) == (200, {"message": "Template deleted"})
    left = NfoTemplate.objects.get(pk=copied.json()["id"])
    assert (left.name, left.content) == ("copy of two lines", "{{ title }}\n{{ author }}\n")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "a/b"}, "name"),
        ({"content": "{{ titel }}"}, "content"),
        ({"content": "{{ ''.format() }}"}, "content"),
        ({"content": "x" * 100_001}, "content"),
        ({"content": "  \n"}, "content"),
        ({"encoding": "latin-1"}, "encoding"),
        ({"type": "MUSIC"}, "type"),
        ({"rule": "nobody's"}, "rule"),
    ],
)
def test_what_cannot_be_kept_is_told_by_field(
    api: APIClient, operator: User, change: dict[str, Any], field: str
) -> None:
    template = make_own(operator)

    made = api.post(PATH, {"name": "x", "content": "y"} | change, format="json")
    changed = api.put(f"{PATH}/{template.pk}", change, format="json")

    for answer in (made, changed):
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    template.refresh_from_db()
    assert (template.content, template.version) == ("{{ title }}\n", 1)


def test_a_name_that_is_taken_and_a_lost_update_are_conflicts(
    api: APIClient, operator: User
) -> None:
    template = make_own(operator)
    api.put(f"{PATH}/{template.pk}", {"content": "{{ year }}", "version": 1}, format="json")

    late = api.put(f"{PATH}/{template.pk}", {"content": "mine", "version": 1}, format="json")
    taken = api.post(PATH, {"name": "EBOOK", "content": "x"}, format="json")

    assert (late.status_code, late.json()["error"]) == (409, "Conflict")
    assert (taken.status_code, taken.json()["error"]) == (409, "Conflict")
    template.refresh_from_db()
    assert template.content == "{{ year }}"


def test_only_who_may_changes_what_everybody_sees(api: APIClient, admin: APIClient) -> None:
    number = NfoTemplate.objects.get(name="ebook").pk
    change = {"content": "{{ title }}"}

    refused = [
        api.put(f"{PATH}/{number}", change, format="json"),
        api.delete(f"{PATH}/{number}"),
        api.post(f"{PATH}/{number}/default", {"scope": "everybody"}, format="json"),
        api.post(PATH, {"name": "x", "content": "y", "is_system": True}, format="json"),
    ]
    allowed = admin.put(f"{PATH}/{number}", change, format="json")

    assert [answer.status_code for answer in refused] == [403] * 4
    assert "permission on config" in refused[0].json()["message"]
    assert allowed.status_code == 200


def test_what_is_not_seen_is_not_there(api: APIClient) -> None:
    number = make_own(make_operator()).pk
    body = {"template_id": number, "metadata": {}}

    answers = [
        api.get(f"{PATH}/{number}"),
        api.put(f"{PATH}/{number}", {}, format="json"),
        api.delete(f"{PATH}/{number}"),
        api.post(f"{PATH}/{number}/duplicate"),
        api.get(f"{PATH}/{number}/versions"),
        api.post(f"{PATH}/{number}/render", {}, format="json"),
        api.post("/api/wizard/step/7/render", body, format="json"),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert answers[0].json()["message"] == f"Template with id {number} not found"


@pytest.mark.parametrize("path", [PATH, "/api/config/templates"])
def test_nobody_in_particular_is_told_nothing(path: str) -> None:
    assert APIClient().get(path).status_code == 401


def test_who_may_not_make_releases_makes_no_templates() -> None:
    client = client_of(make_user())
    file = SimpleUploadedFile("a.nfo", b"text")

    made = client.post(PATH, {"name": "x", "content": "y"}, format="json")
    read = client.post(f"{PATH}/import", {"file": file})

    assert (made.status_code, read.status_code) == (403, 403)


def test_ones_own_default_is_kept_and_told(api: APIClient, operator: User) -> None:
    template = NfoTemplate.objects.get(name="minimal")

    unsaid = api.post(f"{PATH}/{template.pk}/default", {}, format="json")
    done = api.post(f"{PATH}/{template.pk}/default", {"type": "TV"}, format="json")

    assert (unsaid.status_code, done.status_code) == (400, 200)
    assert DefaultTemplate.objects.get(user=operator, type="TV").template == template
    assert api.get(f"{PATH}/{template.pk}").json()["is_mine"]


def test_a_file_is_read_and_nothing_is_kept(api: APIClient) -> None:
    art = "█▀ {{#if title}}{{title}}{{/if}} ▀█\r\n".encode("cp437")
    before = NfoTemplate.objects.count()

    answer = api.post(f"{PATH}/import", {"file": SimpleUploadedFile("Old One.nfo", art)})
    refused = api.post(f"{PATH}/import", {"file": SimpleUploadedFile("a.exe", b"MZ\0\0\x90" * 99)})

    assert answer.status_code == 200
    assert answer.json()["name"] == "Old One"
    assert answer.json()["content"] == "█▀ {% if title %}{{title}}{% endif %} ▀█\n"
    assert len(answer.json()["notes"]) == 1
    assert refused.status_code == 422
    assert NfoTemplate.objects.count() == before


def test_a_template_is_rendered_with_what_is_sent(api: APIClient, operator: User) -> None:
    template = make_own(operator, content="{{ title }}|{{ author }}\n")

    answer = api.post(f"{PATH}/{template.pk}/render", {"metadata": {"title": EVIL}}, format="json")

    assert answer.json() == {"preview": f"{EVIL}|\n", "marks": []}


def test_the_preview_of_step_7_tells_what_is_wrong_with_a_text(api: APIClient) -> None:
    body = {
        "template_id": NfoTemplate.objects.get(name="ebook").pk,
        "metadata": {"title": "Example Book", "author": "John Doe"},
    }

    whole = api.post("/api/wizard/step/7/render", body, format="json")
    wrong = api.post(
        "/api/wizard/step/7/render",
        body | {"template_text": "{{ title }}\n{{ titel }}\n" + "x" * 81},
        format="json",
    )
    long = api.post(
        "/api/wizard/step/7/render", body | {"template_text": "x" * 100_001}, format="json"
    )

    assert set(whole.json()) == {"preview", "marks", "diz"}
    assert whole.json()["diz"].startswith("DISK: [01/01]\r\nExample Book\r\nby John Doe\r\n")
    assert "Example Book" in whole.json()["preview"]
    assert (wrong.status_code, wrong.json()["preview"].splitlines()[0]) == (200, "Example Book")
    assert [(mark["line"], mark["kind"]) for mark in wrong.json()["marks"]] == [
        (2, "unknown"),
        (3, "wide"),
    ]
    assert long.status_code == 400


def test_where_texts_lie_is_told_and_chosen_by_administrators(
    api: APIClient, admin: APIClient
) -> None:
    path = "/api/config/templates"

    assert api.get(path).status_code == 403
    assert api.put(path, {"storage": "disk"}, format="json").status_code == 403
    assert admin.get(path).json() == {"storage": "db", "disk_path": None, "templates_count": 4}
    done = admin.put(path, {"storage": "disk"}, format="json")
    again = admin.put(path, {"storage": "disk"}, format="json")
    outside = admin.put(path, {"storage": "disk", "disk_path": "/etc"}, format="json")

    assert (done.status_code, done.json()) == (200, {"message": "Template storage updated"})
    assert (again.status_code, outside.status_code) == (400, 400)
    assert TemplateStorage.current().is_disk
    assert admin.get(path).json()["disk_path"] == str(TemplateStorage.current().folder)


def test_a_migration_from_where_the_texts_do_not_lie_is_refused(admin: APIClient) -> None:
    answer = admin.post(
        "/api/config/templates/migrate", {"from": "disk", "to": "db"}, format="json"
    )

    assert answer.status_code == 400
    assert "nothing was moved" in answer.json()["errors"]["from"][0]
    assert not Job.objects.filter(work="migrate").exists()


def test_a_migration_is_a_job(api: APIClient, admin: APIClient) -> None:
    body = {"from": "db", "to": "disk", "disk_path": None}

    assert api.post("/api/config/templates/migrate", body, format="json").status_code == 403
    answer = admin.post("/api/config/templates/migrate", body, format="json")
    job = Job.objects.get(work="migrate")
    run(job.pk)

    assert answer.status_code == 202
    assert answer.json() == {"job_id": job.pk, "status": "running", "message": "Migration started"}
    assert TemplateStorage.current().is_disk


@pytest.mark.parametrize(
    "metadata",
    [
        {"title": {"a": [1]}, "year": "soon", "language": ["x"], "group": 5},
        {"title": None, "volumes": "many", "size": "big", "mediainfo": 5, "structure": "x"},
        {"unknown": "x", "__class__": "x", "range": 5, "banner": "x"},
        {"issue_date": "x", "category": "NEWSPAPER", "tags": "NOT KNOWN", "episode": "S1"},
        {"released_on": "never", "name": 7, "audio": "no list", "duration": "long"},
        {"language": "en_US.UTF-8@x", "url": "javascript:alert(1)", "title": "{{ 7*7 }}"},
    ],
)
def test_whatever_is_known_something_is_rendered(api: APIClient, metadata: dict[str, Any]) -> None:
    for template in NfoTemplate.objects.all():
        body = {"template_id": template.pk, "metadata": metadata}

        answer = api.post("/api/wizard/step/7/render", body, format="json")

        assert answer.status_code == 200
        assert " 49 " not in answer.json()["preview"]


def test_more_than_a_release_can_need_is_not_rendered(api: APIClient) -> None:
    template = NfoTemplate.objects.get(name="ebook")
    body = {"template_id": template.pk, "metadata": {"title": "x" * 100_000}}

    for path in ("/api/wizard/step/7/render", f"{PATH}/{template.pk}/render"):
        answer = api.post(path, body, format="json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["metadata"])


def test_a_change_of_what_somebody_changed_meanwhile_is_refused(
    api: APIClient, operator: User
) -> None:
    template = make_template(created_by=operator)
    path = f"/api/templates/{template.pk}"
    read = api.get(path)["ETag"]
    first = api.put(path, {"name": "First"}, format="json", HTTP_IF_MATCH=read)

    second = api.put(path, {"name": "Second"}, format="json", HTTP_IF_MATCH=read)
    removal = api.delete(path, HTTP_IF_MATCH=read)

    assert [first.status_code, second.status_code, removal.status_code] == [200, 412, 412]
    assert api.get(path).json()["name"] == "First"


def test_the_list_is_narrowed_by_types_that_there_are(api: APIClient) -> None:
    def names(query: str) -> set[str]:
        answer = api.get(f"/api/templates?{query}")
        return {one["name"] for one in answer.json()["templates"]}

    assert names("type=tv") == {"tv", "minimal"}
    assert names("type=TV,DOCS") == names("type=TV&type=DOCS") == {"tv", "docs", "minimal"}
    refused = api.get("/api/templates?type=XX")
    assert (refused.status_code, refused.json()["errors"]) == (
        400,
        {"type": ["One of EBOOK, TV, DOCS."]},
    )
