"""The pages of people, roles and groups, in every state."""

from typing import Any

from django.urls import reverse

from accounts.models import ReleaseGroup, Role, User
from accounts.permissions import grant
from tests.atlas import Place
from tests.atlas.hostile import BIDI, ENDLESS, LONG, payloads
from tests.factories import make_user
from tests.instance import PASSWORD


def people_of(who: User) -> list[Place]:
    """Return every page of people as `who` sees it, who administers them."""
    editor = make_role("Editors", "Keep the rules in order", ("rules", "mod"), ("releases", "read"))
    person = make_user(username="jules", email="jules@example.com", role="Operator", created_by=who)
    person.groups.add(editor)
    grant(person, "config", "write")
    person.release_groups.add(*(group_of(tag) for tag in ("VERNE", "NEMO", "NAUTILUS", "WELLS")))
    gone = make_user(username="passepartout", is_active=False)
    return [
        page_of("people", "index", who),
        page_of("people searched", "index", who, query="?search=jul*&status=active&sort=added"),
        page_of("nobody like this", "index", who, query="?search=nobody-like-this"),
        page_of("adding a person", "add", who),
        page_of("person", "person", who, person.pk),
        page_of("person, a password proposed", "person", who, person.pk, query="?propose=1"),
        page_of("deactivated person", "person", who, gone.pk),
        page_of("deactivating a person", "deactivate", who, person.pk),
        page_of("deleting a person", "delete", who, gone.pk),
        page_of("oneself", "person", who, who.pk),
        page_of("roles", "roles", who),
        page_of("adding a role", "add-role", who),
        page_of("role", "role", who, editor.pk),
        page_of("role Admin", "role", who, Role.objects.get(name="Admin").pk),
        page_of("deleting a role", "delete-role", who, editor.pk),
        page_of("release groups", "groups", who),
        page_of("no such group", "groups", who, query="?search=nosuchgroup"),
        page_of("release group", "group", who, group_of("VERNE").pk),
        *as_others_see(person),
    ]


def as_others_see(person: User) -> list[Place]:
    """Return the pages as those see them who may read alone, or hold less."""
    reader = make_user(username="reader", password=PASSWORD)
    helper = make_user(username="helper", password=PASSWORD)
    stronger = make_user(username="stronger", role="Admin")
    newcomer = make_user(username="novice")
    for resource in ("users", "roles"):
        grant(reader, resource, "read")
        grant(helper, resource, "mod")
    return [
        page_of("person, to be read", "person", reader, person.pk),
        page_of("role, to be read", "role", reader, Role.objects.get(name="Operator").pk),
        page_of("person, by who holds less", "person", helper, newcomer.pk),
        page_of("person who may do more", "person", helper, stronger.pk),
    ]


def hostile_people(who: User) -> list[Place]:
    """Return the pages of people whose names and notes mean harm, which `who` reads."""
    texts = [*list(payloads())[:12], BIDI, LONG, ENDLESS]
    for resource in ("users", "roles"):
        grant(who, resource, "mod")
    group = group_of("X" * 100)
    for number, text in enumerate(texts):
        person = make_user(
            username=f"{number}{text}"[:100],
            email=f"{'w' * 60}{number}@{'example' * 20}.com"[:254],
            note=text[:500],
        )
        person.groups.add(make_role(f"{number}{text}"[:150], text[:255], ("rules", "read")))
        person.release_groups.add(group)
    return [
        page_of("hostile people", "index", who),
        page_of("hostile person", "person", who, person.pk),
        page_of("hostile roles", "roles", who),
        page_of("hostile role", "role", who, Role.objects.filter(name__startswith="0<").get().pk),
        page_of("hostile groups", "groups", who),
        page_of("hostile group", "group", who, group.pk),
    ]


def more_people() -> None:
    """Make more rows of every kind that these pages list."""
    role = Role.objects.get(name="Editors")
    for number in range(30):
        person = make_user(role="Operator")
        person.groups.add(role, make_role(f"More {number}", "", ("users", "read")))
        person.release_groups.add(group_of("VERNE"), group_of(f"MORE{number}"))
    jules = User.objects.get(username="jules")
    jules.groups.add(*Role.objects.filter(name__startswith="More "))
    jules.release_groups.add(*ReleaseGroup.objects.filter(tag__startswith="MORE"))


def make_role(name: str, description: str, *cells: tuple[str, str]) -> Role:
    role = Role(name=name, description=description)
    role.save()
    for resource, action in cells:
        grant(role, resource, action)
    return role


def group_of(tag: str) -> ReleaseGroup:
    return ReleaseGroup.objects.get_or_create(tag=tag)[0]


def page_of(name: str, page: str, who: User, *args: Any, query: str = "") -> Place:
    route = f"accounts:people:{page}"
    return Place(name, reverse(route, args=args) + query, who.username, route)
