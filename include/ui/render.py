"""Rendering of the pages: templates, the formats of numbers and times, and the headers."""

from datetime import datetime, timedelta
from pathlib import Path

from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from include.formats import NO_VALUE, number
from include.incidents.text import mask_secrets
from include.times import california_time, duration
from include.ui.address import base_path
from include.ui.version import deployed_version

# A page loads nothing from elsewhere, and only Airflow's own pages may frame it.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
        " frame-ancestors 'self'"
    ),
    "Cache-Control": "no-store",
}


def render_page(template: str, **values: object) -> HTMLResponse:
    """Render a page.

    Args:
        template: The name of the template.
        values: The template's variables.
    """
    content = _TEMPLATES.get_template(template).render(
        base=base_path(), code=deployed_version(), **values
    )
    return HTMLResponse(content, headers=HEADERS)


def signed(value: float | None) -> str:
    """A difference with its sign; empty if there is none, `new` without an earlier value."""
    if value is None:
        return "new"
    return "" if not value else f"{'+' if value > 0 else '-'}{number(abs(value))}"


def moment(value: datetime | str | None) -> str:
    """A time, or ISO 8601 text, for people in California."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if value else None
    return california_time(value) if value else NO_VALUE


def age(value: timedelta) -> str:
    """A length of time in its largest unit, for example `3 h`."""
    text = duration(value)
    return " ".join(text.split()[:2]) if text[0].isdigit() else text


def masked(value: object) -> object:
    """A value as the page shows it: a text without secrets, anything else as it is."""
    is_text = isinstance(value, str) and not isinstance(value, Markup)
    return mask_secrets(value) if is_text else value  # type: ignore[arg-type]


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    finalize=masked,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(number=number, signed=signed, moment=moment, age=age)
