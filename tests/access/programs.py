"""Every operation of the API, and what each column of `columns.COLUMNS` is answered."""

from __future__ import annotations

from pathlib import Path

from tests.access import things
from tests.access.asking import Body, Row, rows_of
from tests.access.columns import COLUMNS

PREFERENCES: dict[tuple[str, str], Body] = {
    ("PUT", ""): lambda _: {"view_mode": "cards"},
    ("POST", ""): lambda _: {"key": "view_mode", "value": "cards"},
    ("PUT", "/"): lambda _: {"value": "light"},
    ("POST", "/global"): lambda _: {"key": "view_mode", "value": "cards"},
    ("POST", "/import"): lambda _: {"preferences": {"view_mode": "cards"}},
}
BODIES: dict[str, Body] = {
    "POST api:login": lambda _: {"username": "nobody", "password": "Wrong-123"},
    "POST api:analyze": lambda source: dict(source.facts),
    "POST api:enrich": lambda _: {"metadata": {"title": "A"}, "release_type": "EBOOK"},
    "POST api:step-render": lambda made: {"template_id": made.facts["template"], "metadata": {}},
    "POST api:validate": lambda _: {"group": "GRP"},
    "POST api:save": lambda draft: {"data": {"group": "GRP"}, "job_id": draft.facts["job_id"]},
    "POST api:upload": lambda _: {"file": things.book()},
    "POST api:draft-conformity": lambda draft: {"job_id": draft.facts["job_id"]},
    "POST api:pack": lambda draft: {"job_id": draft.facts["job_id"]},
    "POST api:conformity": lambda _: {"file": things.book("releases.zip")},
    "POST api:templates": lambda _: {"name": "mine", "content": "{{ title }}"},
    "POST api:template-import": lambda _: {"file": things.book("template.txt")},
    "PUT api:template": lambda _: {"name": "another"},
    "POST api:render": lambda _: {"metadata": {"title": "A"}},
    "POST api:template-default": lambda _: {"scope": "me", "type": "EBOOK"},
    "POST api:apis": lambda _: {"name": "TVDB", "api_key": "key", "user_id": None},
    "PUT api:api": lambda _: {"active": False},
    "PUT api:template-storage": lambda _: {"storage": "disk"},
    "POST api:template-migrate": lambda _: {"from": "db", "to": "disk"},
    **{
        f"{method} api:{door}{tail}": body
        for door in ("preferences", "own-preferences")
        for (method, tail), body in PREFERENCES.items()
    },
    "POST api:destinations": lambda _: {"name": "mine", "type": "LOCAL", "user_id": None},
    "PUT api:destination": lambda _: {"name": "renamed"},
    "POST api:destination-groups": lambda made: {"group_id": made.facts["group"]},
    "POST api:release-deliver": lambda made: {"destination_id": made.facts["destination"]},
    "POST api:channels": lambda _: {"name": "Me", "type": "MAIL", "address": "ann@example.org"},
    "PUT api:channel": lambda _: {"active": False},
    "PUT api:chore": lambda _: {"on": True},
    "PUT api:system": lambda _: {"limits": {"api_timeout": 20}},
    "PATCH api:resumable-upload": lambda _: b"12345",
    "PUT api:release": lambda _: {"metadata": {"title": "Another"}},
    "POST api:tokens": lambda _: {"name": "script", "scopes": ["account:read"]},
    "POST api:users": lambda _: {"username": "newcomer", "password": "Correct-Horse-7"},
    "PUT api:user": lambda _: {"note": "A note"},
    "POST api:user-groups": lambda made: {"group_ids": [made.facts["group"]]},
    "POST api:user-roles": lambda made: {"role_id": made.facts["role"]},
    "PUT api:user-permissions": lambda _: {"permissions": []},
    "POST api:roles": lambda _: {"name": "another"},
    "PUT api:role": lambda _: {"description": "for some"},
    "PUT api:role-permissions": lambda _: {"permissions": {"releases": []}},
    "POST api:rule-download": lambda _: {"name": "2021_MP3"},
    "PUT api:rule-schedule": lambda _: {"interval": "off"},
    "POST api:rule-upload": lambda _: {"file": things.text()},
    "PUT api:rule": lambda _: {"scene": "French"},
}
TABLE = Path(__file__).with_suffix(".txt")


def rows() -> list[Row]:
    return rows_of(TABLE.read_text(), COLUMNS)
