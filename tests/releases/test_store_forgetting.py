"""What is to go from a store that is away goes later; no row forgets it before."""

from collections.abc import Callable
from typing import Any

import pytest

from releases import actions, copies
from releases.actions import mending
from releases.bucket import StoreAway
from releases.models import Release
from tests.factories import make_admin, make_release, make_source
from tests.releases.test_store import done, keys, packed

pytestmark = pytest.mark.django_db


def stored_release() -> Release:
    owner = make_admin()
    source = make_source(owner=owner)
    copies.store_source(source)
    return packed(make_release(owner=owner, source=source), owner)


def test_a_release_is_forgotten_once_the_store_has_forgotten_it(
    seeded: None, shared: Any, away: Callable[..., None]
) -> None:
    release = stored_release()
    actions.trash_release(release, by=release.created_by)
    away(is_away=True)

    with pytest.raises(StoreAway):
        actions.forget_release(release, by=release.created_by)

    assert Release.objects.trashed().get() == release
    away(is_away=False)
    actions.forget_release(release, by=release.created_by)
    assert keys(shared) == set()


def test_a_revision_keeps_what_the_store_does_not_let_go(
    seeded: None, shared: Any, away: Callable[..., None], settings: Any
) -> None:
    release = stored_release()
    for size in (10_000_000, 50_000_000):
        done(
            mending.apply("repack", release, by=release.created_by, options={"volume_bytes": size})
        )
        release.refresh_from_db()
    settings.REVISIONS_KEPT = 1
    away(is_away=True)

    with pytest.raises(StoreAway):
        mending.prune_all()

    assert release.revisions.exclude(kept="").count() == 2
    away(is_away=False)
    assert mending.prune_all() == 1
    assert release.revisions.exclude(kept="").count() == 1
