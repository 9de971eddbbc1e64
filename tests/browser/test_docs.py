import pytest
from playwright.sync_api import Page, expect

from tests.instance import Instance


@pytest.mark.slow
@pytest.mark.parametrize("page", ["script"], indirect=True)
def test_the_api_document_is_read_from_this_host_alone(page: Page, instance: Instance) -> None:
    page.goto(f"{instance.url}/api/docs")

    expect(page.get_by_text("/api/wizard/pack")).to_be_visible()
