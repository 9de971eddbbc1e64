import pytest
from django.test import Client

from rulebook import actions
from tests.factories import make_admin

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


def test_rules_are_looked_at_and_changed_elsewhere(client: Client) -> None:
    admin = make_admin()
    client.force_login(admin)
    new = actions.NewRule(raw=b"The 2024 eBook Standards\n<script>", source="2024_EBOOK.nfo")
    rule = actions.import_rule(new, by=admin)

    listed = client.get("/admin/rules/rule/", {"q": "2024_EB"}).content.decode()
    page = client.get(f"/admin/rules/rule/{rule.pk}/change/").content.decode()

    assert "2024_EBOOK" in listed
    assert "HOUSE_DOCS" not in listed
    assert "&lt;script&gt;" in page
    assert "2024_EBOOK.nfo" in page
    assert 'name="_save"' not in page
    for path in ("add/", f"{rule.pk}/delete/"):
        assert client.get(f"/admin/rules/rule/{path}").status_code == 403
    assert client.post(f"/admin/rules/rule/{rule.pk}/change/", {}).status_code == 403
