"""The pages of people, roles and groups, as requests."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group as AuthGroup
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import matrix, people_urls
from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import custom_permissions, grant, permissions_of
from tests.factories import make_operator, make_release, make_user, numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
PASSWORD = "Correct-Horse-7"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def admin() -> User:
    return make_user(role="Admin", username="boss", is_staff=True)


@pytest.fixture
def office(admin: User) -> Client:
    """A browser that the administrator is signed in with."""
    return signed_in(admin)


def make_reader(*resources: str, action: str = "read") -> User:
    reader = make_user()
    for resource in resources or ("users", "roles"):
        grant(reader, resource, action)
    return reader


def make_role(name: str = "", *cells: tuple[str, str]) -> Role:
    role = Role(name=name or f"Role {next(numbers)}")
    role.save()
    for resource, action in cells:
        grant(role, resource, action)
    return role


def at(page: str, *args: Any) -> str:
    return reverse(f"accounts:people:{page}", args=args)


def group_of(tag: str) -> ReleaseGroup:
    return ReleaseGroup.objects.get_or_create(tag=tag)[0]


def shown(answer: Any) -> str:
    return str(answer.content.decode())


def told(answer: Any) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


LISTS = ("index", "add", "offers", "group-offers", "groups", "roles", "add-role")


@pytest.fixture
def paths(admin: User) -> dict[str, str]:
    """Return a path of every page and of every part, by its name."""
    person, group, role = make_operator(), group_of("GRP"), make_role()
    one = {name: at(name) for name in (*LISTS, "add-group")}
    for name in ("person", "save", "password", "give-role", "join-group", "permissions"):
        one[name] = at(name, person.pk)
    for name in ("activate", "deactivate", "delete"):
        one[name] = at(name, person.pk)
    for name in ("role", "save-role", "role-permissions", "delete-role"):
        one[name] = at(name, role.pk)
    return one | {
        "group": at("group", group.pk),
        "add-member": at("add-member", group.pk),
        "remove-role": at("remove-role", person.pk, role.pk),
        "leave-group": at("leave-group", person.pk, group.pk),
        "remove-member": at("remove-member", group.pk, person.pk),
    }


READ = {"index", "offers", "group-offers", "groups", "roles", "person", "role", "group"}
ASKED = {"add", "add-role", "deactivate", "delete", "delete-role"}
"""They show a form to who may send it, and take it."""


def test_every_route_is_in_the_table(paths: dict[str, str]) -> None:
    assert set(paths) == {pattern.name for pattern in people_urls.urlpatterns}


def test_who_is_not_logged_in_is_led_to_the_login(client: Client, paths: dict[str, str]) -> None:
    for name, path in paths.items():
        answer = client.get(path) if name in READ | ASKED else client.post(path)
        assert answer.status_code == 302, name
        assert answer.headers["Location"] == f"/accounts/login/?next={path}"


def test_an_operator_is_told_which_permission_is_missing(paths: dict[str, str]) -> None:
    client = signed_in(make_operator())

    for name, path in paths.items():
        answers = [client.get(path)] if name in READ else [client.post(path)]
        answers += [client.get(path)] if name in ASKED else []
        for answer in answers:
            assert answer.status_code == 403, name
            assert "permission on" in shown(answer)


def test_what_is_missing_is_no_other_answer_to_an_operator(paths: dict[str, str]) -> None:
    client = signed_in(make_operator())

    there, missing = (client.get(at("person", pk)) for pk in (make_user().pk, 999_999))

    assert (there.status_code, missing.status_code) == (403, 403)
    assert there.context["reason"] == missing.context["reason"]


def test_who_may_read_sees_the_pages_and_changes_nothing(paths: dict[str, str]) -> None:
    client = signed_in(make_reader())
    before = state_of_all()

    for name, path in paths.items():
        if name in READ:
            assert client.get(path).status_code == 200, name
        else:
            answer = client.post(path, FILLED.get(name, {}))
            assert answer.status_code == 403, name
            assert client.get(path).status_code in {403, 405}

    assert state_of_all() == before


FILLED: dict[str, dict[str, Any]] = {
    "add": {"username": "someone", "password1": PASSWORD, "password2": PASSWORD},
    "add-role": {"name": "Some role"},
    "add-group": {"tag": "SOME"},
}


def state_of_all() -> Any:
    people = User.objects.order_by("pk").values("username", "password", "is_active", "email")
    given = User.groups.through.objects.order_by("pk").values_list("user", "group")
    return [list(people), list(given), *(model.objects.count() for model in (Role, ReleaseGroup))]


def test_a_reader_is_offered_nothing_to_send(paths: dict[str, str]) -> None:
    client = signed_in(make_reader())

    for name in ("index", "person", "roles", "role", "groups", "group"):
        page = shown(client.get(paths[name]))
        main = page.partition("<main")[2].partition("</main>")[0]
        assert re.findall(r"<button.*?>(.*?)<", main) in ([], ["Search"]), name
    table = shown(client.get(paths["person"]))
    assert table.count('type="checkbox"') == table.count(" disabled>") == 20


def test_an_administrator_opens_every_page(office: Client, paths: dict[str, str]) -> None:
    for name in READ | ASKED:
        assert office.get(paths[name]).status_code == 200, name


@pytest.mark.parametrize("page", ["person", "role", "group", "delete", "delete-role"])
def test_what_does_not_exist_is_not_found(office: Client, page: str) -> None:
    assert office.get(at(page, 999_999)).status_code == 404


def test_the_menu_leads_to_people_whoever_may_see_them() -> None:
    for reader, path in (
        (make_reader("users"), "/people/"),
        (make_reader("roles"), "/roles/"),
        (make_operator(), ""),
    ):
        menu = shown(signed_in(reader).get("/"))
        linked = [one for one in ("/people/", "/roles/") if f'href="{one}"' in menu]
        assert linked == [path] * bool(path)


# The lists.


def names(answer: Any) -> list[str]:
    return [getattr(one, "username", None) or str(one) for one in answer.context["page"]]


@pytest.fixture
def crew(admin: User) -> None:
    nemo = make_operator(username="nemo", email="captain@nautilus.example")
    nemo.release_groups.add(group_of("NAUTILUS"))
    make_user(username="ned", is_active=False)
    make_reader().groups.add(make_role("Harpooner"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=ne", ["ned", "nemo"]),
        ("search=nautilus", ["nemo"]),
        ("search=n*o", ["nemo"]),
        ("search=n*q", []),
        ("search=%25", []),
        ("search=ne+capt", ["nemo"]),
        ("status=inactive", ["ned"]),
        ("role=Operator", ["nemo"]),
        ("group=nautilus", ["nemo"]),
        ("group=NAUTILUS&status=inactive", []),
        ("status=nonsense&search=ne", ["ned", "nemo"]),
        ("search=ne&sort=username&order=desc", ["nemo", "ned"]),
        ("search=ne&sort=added", ["nemo", "ned"]),
        ("search=ne&sort=password", ["ned", "nemo"]),
    ],
)
def test_the_address_narrows_and_sorts_people(
    office: Client, crew: None, query: str, found: list[str]
) -> None:
    assert names(office.get(f"/people/?{query}")) == found


def test_the_list_comes_in_pages_and_keeps_what_is_asked(office: Client) -> None:
    for _turn in range(30):
        make_user(role="Operator")

    first = office.get("/people/?role=Operator")
    second = office.get("/people/?role=Operator&page=2")

    assert (len(names(first)), len(names(second))) == (25, 5)
    assert "?role=Operator&amp;page=2" in shown(first)


def test_a_partial_is_the_table_alone(office: Client) -> None:
    part = office.get("/people/", headers={"HX-Request": "true"})

    assert shown(part).strip().startswith('<section id="people-table">')
    assert "<html" not in shown(part)


def test_groups_are_searched_and_sorted(office: Client, crew: None) -> None:
    group_of("EMPTY")

    assert names(office.get("/groups/?search=naut*s")) == ["NAUTILUS"]
    assert names(office.get("/groups/?sort=members&order=desc")) == ["NAUTILUS", "EMPTY"]


def test_fields_offer_what_begins_as_what_is_typed(office: Client, crew: None) -> None:
    people = shown(office.get("/people/offers/?username=ne"))
    groups = shown(office.get("/groups/offers/?tag=nau"))

    assert re.findall('value="(.*?)"', people) == ["ned", "nemo"]
    assert re.findall('value="(.*?)"', groups) == ["NAUTILUS"]


def test_no_page_costs_more_with_more_rows(office: Client, paths: dict[str, str]) -> None:
    person, group = User.objects.get(username__startswith="user"), ReleaseGroup.objects.get()
    role = Role.objects.get(name__startswith="Role")

    def fill() -> None:
        other = make_user(role="Operator")
        other.groups.add(role, make_role("", ("rules", "read")))
        other.release_groups.add(group, group_of(f"G{next(numbers)}"))
        person.groups.add(make_role("", ("rules", "read")))
        person.release_groups.add(group_of(f"G{next(numbers)}"))

    def costs() -> dict[str, int]:
        counted = {}
        for name in READ | ASKED:
            with CaptureQueriesContext(connection) as queries:
                office.get(paths[name])
            counted[name] = len(queries)
        return counted

    fill()
    before = costs()
    for _turn in range(4):
        fill()

    assert costs() == before
    assert max(before.values()) <= 10


# One person.


def test_a_person_is_added_who_may_do_nothing_yet(office: Client, admin: User) -> None:
    sent = {
        "username": "nemo",
        "email": "nemo@example.com",
        "note": "Under the sea",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "active": "on",
    }

    answer = office.post("/people/add/", sent)

    made = User.objects.get(username="nemo")
    assert answer.headers["Location"] == at("person", made.pk)
    assert (made.email, made.note, made.created_by) == (sent["email"], sent["note"], admin)
    assert made.check_password(PASSWORD)
    assert (made.is_superuser, made.is_staff, made.is_active) == (False, False, True)
    assert not made.groups.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"username": "ab"}, "username", "at least 3"),
        ({"username": "BOSS"}, "username", "exists"),
        ({"username": "a b c"}, "username", "valid"),
        ({"email": "nowhere"}, "email", "valid email"),
        ({"note": "x" * 501}, "note", "500"),
        ({"password2": "Another-Horse-7"}, "password2", "not the same"),
        ({"password1": "horse-seven", "password2": "horse-seven"}, "password1", "capital letter"),
        ({"password1": "", "password2": ""}, "password1", "required"),
    ],
)
def test_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(
    office: Client, wrong: dict[str, str], field: str, sentence: str
) -> None:
    right = {"username": "nemo", "email": "nemo@example.com", "note": "Under the sea"}
    sent = right | {"password1": PASSWORD, "password2": PASSWORD} | wrong
    count = User.objects.count()

    answer = office.post("/people/add/", sent)

    assert sentence in " ".join(answer.context["form"].errors[field])
    assert User.objects.count() == count
    for name in right:
        assert answer.context["form"][name].value() == sent[name]
    assert PASSWORD not in shown(answer)


def test_what_only_the_database_may_say_is_not_sent_along(office: Client) -> None:
    sent = {"username": "nemo", "password1": PASSWORD, "password2": PASSWORD}
    taken = {"is_superuser": "on", "is_staff": "on", "groups": "1", "role": "1", "id": "1"}

    office.post("/people/add/", sent | taken)

    made = User.objects.get(username="nemo")
    assert (made.is_superuser, made.is_staff, made.groups.count()) == (False, False, 0)


def test_a_proposed_password_can_be_kept(office: Client) -> None:
    typed = {"username": "nemo", "email": "", "note": "x", "active": "on"}

    form = office.post("/people/add/", typed | {"propose": "1"}).context["form"]

    proposed = form["password1"].value()
    assert not User.objects.filter(username="nemo").exists()
    assert (form["username"].value(), form["password2"].value()) == ("nemo", proposed)
    office.post("/people/add/", typed | {"password1": proposed, "password2": proposed})
    assert User.objects.get(username="nemo").check_password(proposed)


def test_the_page_of_a_person_proposes_a_password_and_sets_it(office: Client) -> None:
    person = make_user()
    path = at("person", person.pk)

    page = office.get(f"{path}?propose=1")

    proposed = page.context["forms"]["password"]["password1"].value()
    assert "no-store" in page.headers["Cache-Control"]
    office.post(at("password", person.pk), {"password1": proposed, "password2": proposed})
    person.refresh_from_db()
    assert person.check_password(proposed)


def test_an_account_is_changed(office: Client) -> None:
    person = make_user(email="old@example.com")
    seen = tag_of(office, person, "account")

    answer = office.post(
        at("save", person.pk),
        {"username": "ned", "email": "new@example.com", "note": "Land", "seen": seen},
    )

    person.refresh_from_db()
    assert answer.headers["Location"] == at("person", person.pk)
    assert (person.username, person.email, person.note) == ("ned", "new@example.com", "Land")


def tag_of(client: Client, person: User, form: str) -> str:
    """Return what the page's form carries of the state that it was made from."""
    return str(client.get(at("person", person.pk)).context["forms"][form]["seen"].value())


def test_the_second_of_two_who_edit_is_told_and_loses_nothing(office: Client) -> None:
    person = make_user(username="nemo", email="old@example.com")
    sent = {"username": "nemo", "email": "mine@example.com", "note": "Mine"}
    sent["seen"] = tag_of(office, person, "account")
    User.objects.filter(pk=person.pk).update(email="theirs@example.com")

    answer = office.post(at("save", person.pk), sent)

    form = answer.context["forms"]["account"]
    person.refresh_from_db()
    assert person.email == "theirs@example.com"
    assert "Somebody else changed this" in form.non_field_errors()[0]
    assert "theirs@example.com" in form.errors["email"][0]
    assert (form["email"].value(), form["note"].value()) == ("mine@example.com", "Mine")
    office.post(at("save", person.pk), sent | {"seen": form["seen"].value()})
    person.refresh_from_db()
    assert (person.email, person.note) == ("mine@example.com", "Mine")


def test_an_edit_without_what_it_was_made_from_is_not_taken(office: Client) -> None:
    person = make_user(username="nemo")

    office.post(at("save", person.pk), {"username": "ned", "email": "", "note": ""})

    person.refresh_from_db()
    assert person.username == "nemo"


def test_a_role_is_given_and_taken(office: Client) -> None:
    person, role = make_user(), make_role("", ("rules", "read"))

    office.post(at("give-role", person.pk), {"role": role.pk})
    assert list(person.roles()) == [role]
    office.post(at("remove-role", person.pk, role.pk))
    assert not person.roles().exists()


def test_the_role_of_an_unknown_number_is_refused_at_the_field(office: Client) -> None:
    answer = office.post(at("give-role", make_user().pk), {"role": 999_999})

    assert answer.context["forms"]["role"].errors["role"]


def test_a_person_joins_a_group_and_leaves_it(office: Client) -> None:
    person, group = make_user(), group_of("NAUTILUS")

    office.post(at("join-group", person.pk), {"tag": "nautilus"})
    assert list(person.release_groups.all()) == [group]
    office.post(at("leave-group", person.pk, group.pk))
    assert not person.release_groups.exists()


def test_a_group_that_is_not_there_is_told_at_the_field(office: Client) -> None:
    answer = office.post(at("join-group", make_user().pk), {"tag": "NOSUCH"})

    assert "There is no group" in answer.context["forms"]["group"].errors["tag"][0]


def test_nobody_puts_people_into_a_group_that_they_are_not_in_themselves() -> None:
    helper, person, group = make_reader("users", action="mod"), make_user(), group_of("SECRET")

    answer = signed_in(helper).post(at("join-group", person.pk), {"tag": "SECRET"})

    assert "groups that you are in" in answer.context["forms"]["group"].non_field_errors()[0]
    assert not group.members.exists()


def test_the_table_says_where_each_permission_comes_from(office: Client) -> None:
    person = make_operator()
    grant(person, "config", "read")

    page = office.get(at("person", person.pk))

    cells = {cell.name: cell for row in page.context["rows"] for cell in row.cells}
    assert len(cells) == 20
    assert (cells["rules:write"].roles, cells["rules:write"].is_ticked) == (["Operator"], False)
    assert (cells["config:read"].roles, cells["config:read"].is_ticked) == ((), True)
    assert (cells["users:read"].roles, cells["users:read"].is_ticked) == ((), False)
    assert "Role Operator" in shown(page)


def test_what_is_ticked_is_saved_with_what_it_implies_which_is_said(office: Client) -> None:
    person = make_user()
    sent = {"permissions": ["rules:mod", "config:delete"]}

    answer = office.post(
        at("permissions", person.pk),
        sent | {"seen": tag_of(office, person, "permissions")},
        follow=True,
    )

    held = custom_permissions(person)
    assert (held["rules"], held["config"]) == (["READ", "WRITE", "MOD"], ["DELETE"])
    assert held["users"] == held["roles"] == held["releases"] == []
    assert told(answer) == [
        "The permissions are saved, with what they imply: Rules READ, Rules WRITE."
    ]


def test_all_ticks_can_be_taken_away(office: Client) -> None:
    person = make_user()
    grant(person, "rules", "mod")

    office.post(at("permissions", person.pk), {"seen": tag_of(office, person, "permissions")})

    assert not any(custom_permissions(person).values())


def test_the_second_of_two_who_tick_is_told_what_is_in_force(office: Client) -> None:
    person = make_user()
    seen = tag_of(office, person, "permissions")
    grant(person, "config", "read")
    sent = {"permissions": ["rules:read"], "seen": seen}

    page = office.post(at("permissions", person.pk), sent)

    form = page.context["forms"]["permissions"]
    assert "in force: Configuration READ" in form.non_field_errors()[0]
    assert 'value="rules:read"' in shown(page).partition("checked")[0]
    assert custom_permissions(person)["rules"] == []
    office.post(at("permissions", person.pk), sent | {"seen": form["seen"].value()})
    held = custom_permissions(person)
    assert (held["rules"], held["config"]) == (["READ"], [])


def test_cells_that_one_does_not_hold_are_locked_and_refused() -> None:
    helper, person = make_reader("users", action="mod"), make_user()
    client = signed_in(helper)

    page = client.get(at("person", person.pk))
    sent = {"permissions": ["rules:read"], "seen": tag_of(client, person, "permissions")}
    answer = client.post(at("permissions", person.pk), sent)

    locked = {cell.name for row in page.context["rows"] for cell in row.cells if cell.is_locked}
    assert locked == set(matrix.ALL) - {"users:read", "users:write", "users:mod"}
    assert "You do not hold it" in shown(page)
    assert answer.status_code == 403
    assert custom_permissions(person)["rules"] == []


def test_nobody_changes_who_may_do_more() -> None:
    helper, boss = make_reader("users", action="mod"), make_user(role="Admin")
    client = signed_in(helper)

    page = client.get(at("person", boss.pk))
    answer = client.post(at("password", boss.pk), {"password1": PASSWORD, "password2": PASSWORD})

    assert "holds more than you do" in shown(page)
    assert not page.context["may"]["write"]
    assert answer.status_code == 403
    boss.refresh_from_db()
    assert not boss.check_password(PASSWORD)


def test_oneself_is_offered_neither_roles_nor_the_way_out(office: Client, admin: User) -> None:
    page = office.get(at("person", admin.pk))

    assert not page.context["may_give"]
    assert not page.context["may_end"]
    assert "Nobody changes their own roles" in shown(page)
    office.post(at("remove-role", admin.pk, Role.objects.get(name="Admin").pk))
    office.post(at("deactivate", admin.pk))
    office.post(at("delete", admin.pk))
    admin.refresh_from_db()
    assert admin.is_active
    assert admin.groups.exists()


def test_a_person_is_deactivated_after_a_question_and_activated(office: Client) -> None:
    person = make_user()

    def is_active() -> bool:
        return User.objects.get(pk=person.pk).is_active

    assert "Deactivate" in shown(office.get(at("deactivate", person.pk)))
    assert is_active()
    office.post(at("deactivate", person.pk))
    assert not is_active()
    office.post(at("activate", person.pk))
    assert is_active()


def test_a_person_is_deleted_after_a_question(office: Client) -> None:
    person = make_user()

    assert office.get(at("delete", person.pk)).status_code == 200
    answer = office.post(at("delete", person.pk), follow=True)

    assert told(answer) == ["The person is deleted."]
    assert not User.objects.filter(pk=person.pk).exists()


def test_who_made_releases_stays_and_the_page_says_why(office: Client) -> None:
    person = make_release().created_by

    answer = office.post(at("delete", person.pk), follow=True)

    (sentence,) = told(answer)
    assert "deactivate" in sentence.lower()
    assert 'role="alert"' in shown(answer)
    assert User.objects.filter(pk=person.pk).exists()


# Roles.


def test_roles_are_listed_with_how_many_have_them(office: Client) -> None:
    make_operator()

    listed = office.get("/roles/").context["page"]

    assert {role.name: role.people for role in listed} == {"Admin": 1, "Operator": 1}


def test_a_role_is_added_described_and_filled(office: Client) -> None:
    office.post("/roles/add/", {"name": "Editor", "description": "Keeps rules"})
    role: Any = Role.objects.get(name="Editor")
    forms = office.get(at("role", role.pk)).context["forms"]

    office.post(
        at("role-permissions", role.pk),
        {"permissions": ["rules:write"], "seen": forms["permissions"]["seen"].value()},
    )
    office.post(
        at("save-role", role.pk),
        {"name": "Reviser", "description": "", "seen": forms["role"]["seen"].value()},
    )

    role.refresh_from_db()
    assert permissions_of(role)["rules"] == ["READ", "WRITE"]
    assert (role.name, role.description) == ("Reviser", "")


@pytest.mark.parametrize("name", ["", "operator", "Admin"])
def test_a_name_that_is_taken_or_missing_is_told_at_the_field(office: Client, name: str) -> None:
    answer = office.post("/roles/add/", {"name": name})

    assert answer.context["form"].errors["name"]
    assert Role.objects.count() == 2


def test_the_second_of_two_who_edit_a_role_is_told(office: Client) -> None:
    role = make_role("Editor")
    forms = office.get(at("role", role.pk)).context["forms"]
    role.description = "Theirs"
    role.save()
    grant(role, "rules", "read")

    described = office.post(
        at("save-role", role.pk),
        {"name": "Editor", "description": "Mine", "seen": forms["role"]["seen"].value()},
    )
    ticked = office.post(
        at("role-permissions", role.pk), {"seen": forms["permissions"]["seen"].value()}
    )

    assert "Theirs" in described.context["forms"]["role"].errors["description"][0]
    assert "Rules READ" in ticked.context["forms"]["permissions"].non_field_errors()[0]
    role.refresh_from_db()
    assert role.description == "Theirs"
    assert permissions_of(role)["rules"] == ["READ"]


def test_admin_keeps_all_that_it_gives(office: Client) -> None:
    role = Role.objects.get(name="Admin")
    page = office.get(at("role", role.pk))

    office.post(
        at("role-permissions", role.pk),
        {"permissions": [], "seen": page.context["forms"]["permissions"]["seen"].value()},
    )

    assert shown(page).count(" disabled>") == 20
    assert permissions_of(role)["users"] == ["READ", "WRITE", "MOD", "DELETE"]


def test_a_role_in_use_goes_once_its_people_get_another(office: Client) -> None:
    role, heir = make_role(), make_role()
    person = make_user()
    person.groups.add(role)

    refused = office.post(at("delete-role", role.pk), {})
    assert refused.context["form"].errors["reassign_to"]
    assert Role.objects.filter(pk=role.pk).exists()

    office.post(at("delete-role", role.pk), {"reassign_to": heir.pk})
    assert not Role.objects.filter(pk=role.pk).exists()
    assert list(person.roles()) == [heir]


def test_a_role_of_nobody_goes_at_once(office: Client) -> None:
    role = make_role()

    office.post(at("delete-role", role.pk))

    assert not AuthGroup.objects.filter(pk=role.pk).exists()


def test_a_role_of_every_instance_stays(office: Client) -> None:
    role = Role.objects.get(name="Operator")

    page = office.get(at("role", role.pk))
    answer = office.post(at("delete-role", role.pk))

    assert at("delete-role", role.pk) not in shown(page)
    assert answer.context["form"].non_field_errors()
    assert Role.objects.filter(pk=role.pk).exists()


# Release groups.


def test_a_group_is_added_in_capitals(office: Client) -> None:
    answer = office.post("/groups/add/", {"tag": " nautilus "})

    assert answer.headers["Location"] == at("group", ReleaseGroup.objects.get(tag="NAUTILUS").pk)


@pytest.mark.parametrize("tag", ["", "N", "NAU-TILUS", "N" * 101, "GRP", "É1"])
def test_a_tag_that_cannot_be_is_told_at_the_field(office: Client, tag: str) -> None:
    group_of("GRP")

    answer = office.post("/groups/add/", {"tag": tag})

    assert answer.context["form"].errors["tag"]
    assert answer.context["form"]["tag"].value() == tag
    assert ReleaseGroup.objects.count() == 1


def test_members_are_added_by_name_and_taken_out(office: Client) -> None:
    person, group = make_user(username="nemo"), group_of("NAUTILUS")

    unknown = office.post(at("add-member", group.pk), {"username": "nobody"})
    assert "Nobody has this user name." in unknown.context["form"].errors["username"]
    office.post(at("add-member", group.pk), {"username": "nemo"})
    assert list(group.members.all()) == [person]
    office.post(at("remove-member", group.pk, person.pk))
    assert not group.members.exists()


def test_no_name_is_more_than_a_text(office: Client) -> None:
    texts = ["<script>alert(1)</script>", "{{ 7 }}"]
    person = make_user(username=texts[0], note=texts[1])
    person.groups.add(make_role(texts[0]))

    for path in ("/people/", at("person", person.pk), "/roles/"):
        assert texts[0] not in shown(office.get(path))
