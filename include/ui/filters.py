"""How the pages say numbers and times."""

from datetime import datetime, timedelta

from include.incidents.business_hours import shown
from include.incidents.message import duration

NOTHING = "none"


def number(value: float | None) -> str:
    """A value with separators, for example `12,044` or `1,234.50`."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def change(value: float | None) -> str:
    """A change with its sign; nothing where nothing changed."""
    if value is None:
        return "new"
    return "" if not value else f"{'+' if value > 0 else '-'}{number(abs(value))}"


def moment(value: datetime | str | None) -> str:
    """A time as people in California read it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if value else None
    return shown(value) if value else NOTHING


def age(value: timedelta | None) -> str:
    """How long something lasted or is ago, in its largest unit."""
    if value is None:
        return NOTHING
    said = duration(value)
    return " ".join(said.split()[:2]) if said[0].isdigit() else said
