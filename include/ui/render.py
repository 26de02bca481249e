"""Rendering of the pages: templates, the formats of numbers and times, and the headers."""

import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from fastapi.responses import HTMLResponse, StreamingResponse
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape

from include.formats import NO_VALUE, number
from include.incidents.airflow_links import task_path
from include.incidents.alert_types import page_url
from include.incidents.incident import Incident
from include.incidents.summary import remedy, runbook_page
from include.incidents.text import mask_secrets, run_name
from include.metric_words import label
from include.publishing.versions import made_at
from include.times import california_time, duration
from include.ui.address import base_path
from include.ui.links import trigger_link
from include.ui.metrics import grouped
from include.ui.version import deployed_version
from include.words import last_run

log = logging.getLogger(__name__)

# What a page may load: its own styles and scripts, and nothing from elsewhere.
SOURCES = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
# `default-src` does not cover these: https://www.w3.org/TR/CSP3/#directive-default-src.
_ALWAYS = "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"

# `base.html` has it once, before a page's content.
_CONTENT = "<!-- content -->"
_BROKEN = (
    '<p class="card bad">The page could not be shown. The log of the API server has the error.</p>'
)


def page_headers(sources: str = SOURCES) -> dict[str, str]:
    """The headers of a page: what it may load and do, and that nobody stores it.

    Args:
        sources: The directives of the Content-Security-Policy that say what it may load. Those
            that hold for every page are added, unless it has them.
    """
    named = {directive.split()[0] for directive in sources.split(";") if directive.strip()}
    added = [one for one in _ALWAYS.split("; ") if one.split()[0] not in named]
    return {
        "Content-Security-Policy": "; ".join((sources.strip(" ;"), *added)),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


HEADERS = page_headers()


def render_page(template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page.

    Args:
        template: The name of the template.
        status: The HTTP status.
        values: The template's variables.
    """
    return HTMLResponse(_render(template, values), status, headers=HEADERS)


def stream_page(
    template: str, title: str, doing: str, read: Callable[[], Mapping[str, object]]
) -> StreamingResponse:
    """Render a page in two parts: at once its head and what it waits for, then its content.

    Args:
        template: The name of the template.
        title: The page's title, until the content is there.
        doing: What takes the time, in a few words.
        read: Reads the template's variables.
    """

    def parts() -> Iterator[str]:
        yield _render("waiting.html", {"title": title, "doing": doing}).partition("</main>")[0]
        try:
            yield _render(template, read()).partition(_CONTENT)[2]
        except Exception:
            # The first part is sent, so no other status can be.
            log.exception("The page %s could not be rendered", template)
            yield f"<h1>{escape(title)}</h1>{_BROKEN}</main></body></html>"

    # A proxy or a middleware that compresses would hold the first part back:
    # https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_buffering, Starlette's
    # GZipMiddleware, which leaves an answer with a Content-Encoding alone.
    unbuffered = {"X-Accel-Buffering": "no", "Content-Encoding": "identity"}
    return StreamingResponse(parts(), media_type="text/html", headers={**HEADERS, **unbuffered})


def _render(template: str, values: Mapping[str, object]) -> str:
    return _TEMPLATES.get_template(template).render(
        base=base_path(), code=deployed_version(), **values
    )


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


def name_of(metric: str) -> Markup:
    """A metric's machine name, which a narrow column may break only after an underscore."""
    return Markup("_<wbr>").join(escape(part) for part in metric.split("_"))


def runbook_url(repository: str, incident: Incident) -> str:
    """The address of an incident's runbook page; empty without a repository (`owner/name`)."""
    return page_url(repository, runbook_page(incident))


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
_TEMPLATES.filters.update(
    number=number, signed=signed, moment=moment, age=age, duration=duration, label=label,
    last_run=last_run, made_at=made_at, name_of=name_of, run_name=run_name,
)  # fmt: skip
_TEMPLATES.globals.update(
    grouped=grouped, remedy=remedy, runbook_url=runbook_url, task_path=task_path,
    trigger_link=trigger_link,
)  # fmt: skip
