import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from rulebook import actions
from rules.models import Rule, RuleVersion
from tests.factories import make_admin, make_operator, make_release, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PATH = "/api/rules"
RAW = b"The [2024] eBook Standards\r\n\xc9\xcd\xbb one frame\r\n1) Volumes of 5 MB\r\n"
TEXT = "The [2024] eBook Standards\n╔═╗ one frame\n1) Volumes of 5 MB\n"


def client_of(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def admin(seeded: None) -> APIClient:
    return client_of(make_admin())


def make_rule(name: str = "2024_EBOOK", raw: bytes = RAW, **fields: Any) -> Rule:
    new = actions.NewRule(raw=raw, source=f"{name}.nfo", **fields)
    return actions.import_rule(new, by=make_operator())


def send(client: APIClient, raw: bytes, file_name: str, **fields: Any) -> Any:
    body = {"file": SimpleUploadedFile(file_name, raw)} | fields
    return client.post(f"{PATH}/upload", body, format="multipart")


def names(answer: Any) -> list[str]:
    return [one["name"] for one in answer.json()["rules"]]


def test_a_text_is_sent_read_changed_and_deleted(api: APIClient, admin: APIClient) -> None:
    sent = send(api, RAW, "2024_EBOOK.nfo")
    number = sent.json()["id"]
    read = api.get(f"{PATH}/{number}").json()
    preview = api.get(f"{PATH}/{number}/preview")
    body = {"name": "2024_EBOOK_b", "content": "Another text", "scene": "French", "year": 2025}
    changed = admin.put(f"{PATH}/{number}", body | {"section": "BD"}, format="json")
    rule = Rule.objects.get(pk=number)
    gone = admin.delete(f"{PATH}/{number}")

    assert (sent.status_code, sent.json()) == (
        200,
        {"id": number, "message": "Rule uploaded successfully"},
    )
    told = {"id": number, "name": "2024_EBOOK", "scene": "English", "section": "EBOOK"}
    assert read.items() >= (told | {"year": 2024, "content": TEXT, "version": 1}).items()
    assert {"created_at", "updated_at"} <= set(read)
    assert preview.json() == {"content": TEXT, "formatted": True}
    assert (changed.status_code, changed.json()) == (200, {"id": number, "message": "Rule updated"})
    assert (rule.name, rule.content, rule.scene) == ("2024_EBOOK_b", "Another text\n", "French")
    assert (rule.section, rule.year) == ("BD", 2025)
    assert (gone.status_code, gone.json()) == (200, {"message": "Rule deleted"})
    assert not Rule.objects.filter(pk=number).exists()


@pytest.mark.parametrize("path", ["", "/local"])
def test_the_list_is_as_documented(api: APIClient, path: str) -> None:
    make_rule()

    answer = api.get(f"{PATH}{path}", {"per_page": 2})

    body = answer.json()
    assert answer.status_code == 200
    assert set(body) == {"rules", "pagination"}
    assert {frozenset(rule) for rule in body["rules"]} == {
        frozenset({"id", "name", "scene", "section", "year", "created_at"})
    }
    assert body["pagination"] == {"page": 1, "per_page": 2, "total": 6, "pages": 3}


def test_the_list_is_filtered_searched_and_ordered(api: APIClient) -> None:
    for name in ("2011_FR_DVDR", "2010_SP", "2012_PL_SDx264", "UNK_ISOaRIP"):
        make_rule(name, f"The text of {name}, which is ours".encode(), section=name[5:])

    def found(query: str) -> set[str]:
        return set(names(api.get(f"{PATH}?{query}&per_page=100")))

    assert found("scene=French,Polish") == {"2011_FR_DVDR", "2012_PL_SDx264"}
    assert found("scene=French&scene=spanish") == {"2011_FR_DVDR", "2010_SP"}
    assert found("year=2010,2011") == {"2010_SP", "2011_FR_DVDR"}
    assert found("year=%3F") == {"UNK_ISOaRIP"}
    assert found("type=TV&origin=shipped") == {"2020_WDX", "sdtvx2642k16", "tvx2642k16"}
    assert found("type=TV,DOCS&origin=local") == set()
    assert found("search=dvd") == {"2011_FR_DVDR"}
    assert found("search=2012*264") == {"2012_PL_SDx264"}
    ordered = names(api.get(f"{PATH}?origin=local&sort=name&order=desc"))
    assert ordered == ["UNK_ISOaRIP", "2012_PL_SDx264", "2011_FR_DVDR", "2010_SP"]
    assert names(api.get(PATH))[0] == "HOUSE_DOCS"


@pytest.mark.parametrize(
    "query",
    ["year=x", "year=20222", "sort=content", "order=up", "page=0", "per_page=101"],
)
def test_a_question_that_makes_no_sense_is_refused(api: APIClient, query: str) -> None:
    answer = api.get(f"{PATH}?{query}")

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")


def test_the_tree_counts_scenes_sections_and_years(api: APIClient) -> None:
    make_rule()
    make_rule("UNK_ISOaRIP")

    tree = api.get(f"{PATH}/tree", {"scene": "English"}).json()["tree"]

    assert [(scene["scene"], scene["count"]) for scene in tree] == [("English", 6)]
    sections = {one["section"]: (one["count"], one["years"]) for one in tree[0]["sections"]}
    assert sections["ISOaRIP"] == (1, [{"year": 2024, "count": 1}])
    assert sections["WEB"] == (1, [{"year": 2020, "count": 1}])


def test_versions_are_listed_read_compared_and_restored(admin: APIClient) -> None:
    rule = make_rule()
    number = f"{PATH}/{rule.pk}"
    edited = TEXT.replace("5 MB", "10 MB")
    admin.put(number, {"content": edited, "version": 1}, format="json")

    listed = admin.get(f"{number}/versions").json()
    diff = admin.get(f"{number}/diff", {"from": 1, "to": 2}).json()
    told = admin.get(f"{number}/diff").json()
    first = admin.get(f"{number}/versions/1").json()
    stale = admin.put(number, {"content": "x", "version": 1}, format="json")
    back = admin.post(f"{number}/versions/1/restore")

    assert [(one["version"], one["origin"]) for one in listed["versions"]] == [
        (2, "edited"),
        (1, "uploaded"),
    ]
    assert listed["pagination"]["total"] == 2
    assert not {"content", "raw"} & set(listed["versions"][0])
    assert first["content"] == TEXT
    assert first["sha256"] == hashlib.sha256(RAW).hexdigest()
    assert first["encoding"] == "cp437"
    assert diff == told
    assert (diff["from"], diff["to"]) == (1, 2)
    assert diff["diff"].splitlines() == [
        "--- 2024_EBOOK 1",
        "+++ 2024_EBOOK 2",
        "@@ -1,3 +1,3 @@",
        " The [2024] eBook Standards",
        " ╔═╗ one frame",
        "-1) Volumes of 5 MB",
        "+1) Volumes of 10 MB",
    ]
    assert (stale.status_code, stale.json()["error"]) == (409, "Conflict")
    assert (back.status_code, back.json()) == (
        200,
        {"id": rule.pk, "message": "Rule restored"},
    )
    rule.refresh_from_db()
    assert (rule.version, rule.content) == (1, TEXT)


def test_the_bytes_are_answered_as_they_came(api: APIClient) -> None:
    rule = make_rule()

    answer = api.get(f"{PATH}/{rule.pk}/raw")

    assert answer.content == RAW
    assert answer.headers["Content-Disposition"] == 'attachment; filename="2024_EBOOK.nfo"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    textless = Rule.objects.get(name="2022_EBOOK")
    assert api.get(f"{PATH}/{textless.pk}/raw").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/999999"),
        ("get", "/999999/preview"),
        ("get", "/999999/raw"),
        ("get", "/999999/diff"),
        ("get", "/999999/versions"),
        ("get", "/999999/versions/1"),
        ("post", "/999999/versions/1/restore"),
        ("put", "/999999"),
        ("delete", "/999999"),
        ("get", f"/{10**30}"),
    ],
)
def test_what_is_not_there_is_a_404(admin: APIClient, method: str, path: str) -> None:
    answer = getattr(admin, method)(f"{PATH}{path}", {}, format="json")

    assert (answer.status_code, answer.json()["error"]) == (404, "NotFound")


def test_a_version_that_is_not_there_is_a_404(admin: APIClient) -> None:
    number = f"{PATH}/{make_rule().pk}"

    for path in ("versions/9", "diff?from=9", "raw?version=9"):
        assert admin.get(f"{number}/{path}").status_code == 404
    assert admin.post(f"{number}/versions/9/restore").status_code == 404
    assert admin.get(f"{number}/diff?to=x").status_code == 400


def test_who_may_what(api: APIClient) -> None:
    rule = make_rule()
    number = f"{PATH}/{rule.pk}"
    nobody = client_of(make_user())

    for path in ("", "/local", "/tree", f"/{rule.pk}", f"/{rule.pk}/raw"):
        assert APIClient().get(f"{PATH}{path}").status_code == 401
        refused = nobody.get(f"{PATH}{path}")
        assert refused.status_code == 403
        assert refused.json()["message"] == "You don't have READ permission on rules"
    assert send(nobody, RAW, "b.nfo").json()["message"] == (
        "You don't have WRITE permission on rules"
    )
    for refused in (
        api.put(number, {"content": "x"}, format="json"),
        api.delete(number),
        api.post(f"{number}/versions/1/restore"),
    ):
        assert refused.status_code == 403
        assert refused.json()["message"] == "You don't have MOD permission on rules"


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"\x7fELF\x00\x01\x02", "is no text"),
        (b"%PDF-1.7 of something", "is no text"),
        (b"<!DOCTYPE html>\n<html><body>404", "is a web page"),
        (b"<html><pre>text</pre>", "is a web page"),
        (b'<pre class="nfo">&lt;html></pre>', "is a web page"),
        (b" \r\n\r\n", "has no text"),
        (b"x" * ((1 << 20) + 1), "has 1\xa0048\xa0577 bytes"),
    ],
)
def test_what_is_no_nfo_is_refused(api: APIClient, raw: bytes, sentence: str) -> None:
    before = Rule.objects.count()

    answer = send(api, raw, "2024_EBOOK.nfo")

    assert (answer.status_code, answer.json()["error"]) == (422, "UnprocessableEntity")
    assert sentence in answer.json()["message"]
    assert (Rule.objects.count(), RuleVersion.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "page",
    [
        '<pre class="nfo">{}</pre>',
        '<!DOCTYPE html><meta charset="utf-8"><body><pre>1\n2</pre><pre class="nfo">{}</pre>',
        '\ufeff\r\n<html><body><h1>Rules</h1>\n<pre class="wide nfo">{}</pre></html>',
    ],
    ids=range(3),
)
def test_a_page_of_the_site_is_read_as_the_text_it_shows(api: APIClient, page: str) -> None:
    answer = send(api, page.format("░▒▓ 2024 é\n&lt;Rules&gt;\n").encode(), "2024_EBOOK.html")

    assert answer.status_code == 200, answer.json()
    version = RuleVersion.objects.get(rule=answer.json()["id"])
    assert version.rule.name == "2024_EBOOK"
    assert version.content == "░▒▓ 2024 é\n<Rules>\n"
    assert bytes(version.raw).decode(version.encoding).splitlines()[1] == "<Rules>"


def test_a_large_file_is_not_read(api: APIClient) -> None:
    answer = send(api, b"\0" * 20_000_000, "2024_EBOOK.nfo")

    assert answer.status_code == 422
    assert "20\xa0000\xa0000 bytes" in answer.json()["message"]


@pytest.mark.parametrize("name", ["2024_EBOOK", "2024_ebook", "tvx2642K16"])
def test_a_second_rule_of_a_name_is_a_conflict(api: APIClient, name: str) -> None:
    make_rule()

    answer = send(api, RAW, "other.nfo", name=name)

    assert (answer.status_code, answer.json()["error"]) == (409, "Conflict")


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "../etc/passwd"},
        {"name": "a/b"},
        {"name": "a\\b"},
        {"name": "..."},
        {"name": "x" * 101},
        {"name": "zwei Worte"},
        {"scene": "x" * 33},
        {"year": "x"},
        {"year": 10_000},
        {"type": "MUSIC"},
        {"encoding": "koi8-r"},
    ],
)
def test_what_cannot_be_kept_is_refused(api: APIClient, fields: dict[str, Any]) -> None:
    before = Rule.objects.count()

    answer = send(api, RAW, "2024_EBOOK.nfo", **fields)

    assert (answer.status_code, answer.json()["error"]) == (400, "ValidationError")
    assert set(answer.json()["errors"]) <= {*fields, "release_type"}
    assert Rule.objects.count() == before


def test_a_rule_that_releases_use_stays(admin: APIClient) -> None:
    rule = make_rule("2024_EBOOK")
    make_release(rule=rule)

    answer = admin.delete(f"{PATH}/{rule.pk}")

    assert answer.status_code == 422
    assert "1 release was made by 2024_EBOOK" in answer.json()["message"]


def test_longer_lists_cost_no_more_queries(
    api: APIClient, django_assert_max_num_queries: Any
) -> None:
    api.get(PATH)
    for number in range(30):
        make_rule(f"2024_EBOOK.{number}")
    for path in ("", "/tree", "?search=ebook+frame"):
        with django_assert_max_num_queries(8):
            assert api.get(f"{PATH}{path}").status_code == 200


def test_the_type_of_a_shipped_rule_stays_and_the_field_is_named(admin: APIClient) -> None:
    rule = Rule.objects.get(name="2022_EBOOK")

    answer = admin.put(f"/api/rules/{rule.pk}", {"type": "TV"}, format="json")

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["type"]


def test_an_edit_of_what_somebody_changed_meanwhile_is_refused(admin: APIClient) -> None:
    rule = make_rule()
    path = f"{PATH}/{rule.pk}"
    read = admin.get(path)["ETag"]
    first = admin.put(path, {"section": "First"}, format="json", HTTP_IF_MATCH=read)

    second = admin.put(path, {"section": "Second"}, format="json", HTTP_IF_MATCH=read)
    removal = admin.delete(path, HTTP_IF_MATCH=read)

    assert [first.status_code, second.status_code, removal.status_code] == [200, 412, 412]
    assert second.json()["error"] == "PreconditionFailed"
    rule.refresh_from_db()
    assert rule.section == "First"
    assert admin.get(path, HTTP_IF_NONE_MATCH=admin.get(path)["ETag"]).status_code == 304
