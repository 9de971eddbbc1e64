"""Days and months."""

from datetime import date

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
SHORT_MONTHS = tuple(month[:3] for month in MONTHS)


def is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def month_number(name: str) -> int:
    """Return 1 to 12 for a month's full or short name, 0 for none."""
    return SHORT_MONTHS.index(name[:3]) + 1 if name else 0
