"""The size of television volumes, asked of the rule as it is written, headers included.

k = 1; while the release needs more than 101 volumes of k x 50,000,000 bytes, k is one more; a
larger k is allowed only while it still gives ten volumes.
"""

from collections.abc import Callable
from itertools import count

import pytest

from releases.packing import rar
from rules.shipped import read_rule
from rules.spec import Facts, Spec

STEP = 50_000_000
TV = ["2020_WDX", "tvx2642k16", "sdtvx2642k16"]
NAME = "some.show.s01e02.hdtv.x264-grp.mkv"
HEADERS_BYTES = 7 + 13 + 32 + len(NAME) + 20
"""Of a volume whose part is smaller than 2 GiB."""
FULL = 101 * (STEP - HEADERS_BYTES)
"""The largest file that 101 of the smallest volumes hold."""
SIZES = [
    *(1, STEP, 9 * STEP, 10 * STEP, 20 * STEP - 2_000, 20 * STEP),
    *(FULL - 1_000_000, 2 * FULL, 3 * FULL, 5 * FULL),
]


def volumes_of(size: int) -> Callable[[int], int]:
    return lambda volume_bytes: rar.count([rar.Member(NAME, size)], volume_bytes)


def smallest(volumes: Callable[[int], int]) -> int:
    return next(k for k in count(1) if volumes(k * STEP) <= 101)


def broken(spec: Spec, volume_bytes: int, volumes: int) -> set[str]:
    facts = Facts(
        name="Some.Show.S01E02.HDTV.x264-GRP",
        format="mkv",
        volume_bytes=volume_bytes,
        volumes=volumes,
        nfo="",
        known=frozenset(),
    )
    return {one.id for one in spec.violations(facts) if one.id.startswith("volume-")}


@pytest.mark.parametrize("name", TV)
@pytest.mark.parametrize("size", SIZES)
def test_a_multiple_is_allowed_exactly_when_the_rule_says_so(name: str, size: int) -> None:
    spec, volumes = read_rule(name).spec, volumes_of(size)
    least = smallest(volumes)
    for k in range(1, 13):
        needed = volumes(k * STEP)
        allowed = k == least or (k > least and needed >= 10)
        assert (broken(spec, k * STEP, needed) == set()) == allowed, k


@pytest.mark.parametrize("name", TV)
@pytest.mark.parametrize("size", SIZES)
def test_the_size_proposed_is_the_smallest_multiple_that_fits(name: str, size: int) -> None:
    volumes = volumes_of(size)

    assert read_rule(name).spec.default_volume_bytes(volumes) == smallest(volumes) * STEP


@pytest.mark.parametrize("name", TV)
def test_the_last_byte_that_101_volumes_hold_is_found(name: str) -> None:
    spec = read_rule(name).spec
    largest = next(size for size in count(FULL - 8 * 101) if volumes_of(size + 1)(STEP) > 101)

    assert volumes_of(largest)(STEP) == 101
    assert spec.default_volume_bytes(volumes_of(largest)) == STEP
    assert spec.default_volume_bytes(volumes_of(largest + 1)) == 2 * STEP


@pytest.mark.parametrize(
    ("name", "is_allowed"), [("sdtvx2642k16", True), ("tvx2642k16", False), ("2020_WDX", False)]
)
@pytest.mark.parametrize("volume_bytes", [15_000_000, 20_000_000])
def test_only_standard_definition_has_small_volumes(
    name: str, is_allowed: bool, volume_bytes: int
) -> None:
    spec = read_rule(name).spec

    assert (broken(spec, volume_bytes, 5) == set()) == is_allowed
    assert broken(spec, volume_bytes, 102) >= {"volume-count"}


@pytest.mark.parametrize("volume_bytes", [0, 14_999_999, 30_000_000, 40_000_000, STEP + 1])
@pytest.mark.parametrize("name", TV)
def test_small_volumes_have_no_multiples(name: str, volume_bytes: int) -> None:
    assert broken(read_rule(name).spec, volume_bytes, 20) == {"volume-size"}
