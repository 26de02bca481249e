"""Every page in Airflow's UI, with all that it can show, and the documentation's site."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from fastapi.responses import HTMLResponse

from include.incidents.data_warnings import DataWarning
from include.ui import models
from include.ui.render import HEADERS, page_headers, render_page
from include.ui.run_form import render_run_form
from include.ui.source_state import FailedTask, Load, RunForm, SourceState, TableLoad
from include.ui.sources import Stored, make_card
from local.home import REPOSITORY
from tests.incidents.sample_incidents import failed, incident
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW
from tests.ui.sample_publication import SITUATIONS, sample_page
from tools.site import build_site, copy_pages

# Their routes in dbt's page: the first one, a model, a source, a macro, a snapshot, the graph.
DBT_ROUTES = (
    "",
    "#!/model/model.ddrc.pasadena_metrics",
    "#!/source/source.ddrc.epa.public_status_assessment",
    "#!/macro/macro.ddrc.metric_rows",
    "#!/snapshot/snapshot.ddrc.malibu_applications_history",
    "#!/model/model.ddrc.pasadena_metrics?g_v=1&g_i=%2Bpasadena_metrics",
)
# Pages of the site with lists, tables, code and pictures, and that of an unknown address.
SITE_PAGES = (
    "index.html",
    "404.html",
    "docs/architecture.html",
    "docs/airflow-ui.html",
    "docs/runbooks/load.html",
)
PARAMS: dict[str, dict[str, Any]] = {
    "reason": {"value": None, "description": "Why.", "schema": {"type": "string", "minLength": 10}},
    "full": {"value": False, "description": "All.", "schema": {"type": "boolean", "title": "All"}},
    "rows": {"value": None, "description": "How many.", "schema": {"type": ["null", "integer"]}},
    "level": {"value": "low", "description": "How bad.", "schema": {"enum": ["low", "high"]}},
}


class Sample(NamedTuple):
    """A page with its headers."""

    body: str
    headers: dict[str, str] = HEADERS


def ui_pages() -> dict[str, Sample]:
    """The pages of the UI apart from *Data models*, by name."""
    login = {"head": "Your login has expired", "text": "A new login leads back.", "is_login": True}
    shown = {
        "sources": render_page("sources.html", cards=cards(), problem="", now=NOW, only=""),
        "one source": render_page(
            "sources.html", cards=cards()[:1], problem="TimeoutError", now=NOW, only="usace"
        ),
        "no source": render_page("sources.html", cards=[], problem="", now=NOW, only="monitor"),
        "refused": render_page("refused.html", status=401, **login),
        "models without a manifest": render_page("models.html"),
        "waiting": render_page("waiting.html", title="Publication", doing="Reading …"),
        "form": render_run_form(RunForm("epa", PARAMS, is_paused=True), {}),
        "form that asks": render_run_form(RunForm("release_hold", PARAMS), {"rows": "3"}),
    }
    pages = {name: Sample(_text(response)) for name, response in shown.items()}
    for situation in SITUATIONS:
        page = sample_page(
            MemoryStore("https://public.test"), situation, incident(failed(error="no answer"))
        )
        pages[f"publication, {situation}"] = Sample(page)
    return pages


def models_page() -> Sample:
    """The page *Data models*."""
    page = models.render_models_page()
    assert page is not None, "run make manifest"
    return Sample(page, page_headers(models.POLICY))


def build_docs(folder: Path) -> Path:
    """Build the documentation's site; its folder."""
    copy_pages(REPOSITORY, folder / "pages")
    build_site(REPOSITORY / "mkdocs.yml", folder / "pages", folder / "public")
    return folder / "public"


def cards() -> list[Any]:
    """Cards of sources: one that fails, one that is paused, one of Fivetran's."""
    hour, at = timedelta(hours=1), "2026-11-24T10:00:00+00:00"
    good = SourceState("usace", "success", NOW - hour, timedelta(seconds=9), NOW + hour)
    load = Load(9_000, at, at, ("A field has gone: notes.",))
    failing = replace(
        good,
        state="failed",
        load=load,
        rows_before=9_100,
        freshness="failed",
        failures=(FailedTask("usace", "run 1", "load", 3, NOW),),
        failing_since=NOW - hour,
        tables=(TableLoad("load.points", 90, at), TableLoad("load.visits", 80, at, 70)),
    )
    paused = replace(good, source="epa", is_paused=True, paused_by="Pat", paused_at=NOW)
    connector = {
        "name": "c",
        "state": "scheduled",
        "succeeded_at": at,
        "failed_at": at,
        "says": "!",
    }
    synced = replace(good, source="airtable", connector=connector)
    warnings = {"airtable": (DataWarning("key", "An entry has no unit.", NOW),)}
    stored = Stored((incident(failed(error="no answer")),), warnings)
    return [make_card(state, stored, "owner/name") for state in (failing, paused, synced)]


def _text(response: HTMLResponse) -> str:
    return bytes(response.body).decode()
