"""What the headers of more than one format say in the same way."""

from collections.abc import Sequence
from datetime import date

from releases.packing.plan import PackingError

YEARS = range(1980, 2108)
UNIX, REGULAR_0644, FOLDER_0755 = 3, 0o100644, 0o040755


def dos_time(dated: date) -> int:
    """Return 00:00 of `dated` as RAR 4 and ZIP headers write it.

    Raises:
        PackingError: the format knows the years 1980 to 2107 only.
    """
    check_year(dated, YEARS)
    return (dated.year - YEARS[0]) << 25 | dated.month << 21 | dated.day << 16


def check_year(dated: date, years: Sequence[int]) -> None:
    if dated.year not in years:
        raise PackingError(
            "Archives cannot be dated %(dated)s: choose a day from %(first)s to %(last)s",
            dated=dated,
            first=years[0],
            last=years[-1],
        )
