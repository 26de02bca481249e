"""The page *Sources*: what failed, since when, why, what to do, and the forms to do it with."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from airflow.utils.session import create_session
from fastapi import FastAPI
from fastapi.testclient import TestClient

from include.incidents.data_warnings import Finding, report_findings
from include.incidents.incident import Incident
from include.pipeline import sync
from include.publishing.store import Store
from include.sources import SOURCES
from include.times import utc_now
from include.ui import airflow_state, sources
from include.ui.source_state import SourceState
from include.ui.sources import Stored, make_card
from tests.incidents.sample_incidents import TUESDAY, failed, found, incident
from tests.slack import Slack
from tests.ui.airflow_rows import (
    MINUTE,
    NOON,
    add_dag,
    add_log_entry,
    add_report,
    add_run,
    add_task,
    clear,
)
from tests.ui.conftest import save_incidents

HOUR = timedelta(hours=1)
REPOSITORY = "owner/name"
RUNBOOK = f"https://github.com/{REPOSITORY}/blob/main/docs/runbooks"


@pytest.fixture(scope="module")
def client(airflow_database: None) -> Iterator[TestClient]:
    """The pages alone, without Airflow's login."""
    app = FastAPI()
    sources.add_pages(app)
    app.dependency_overrides[utc_now] = lambda: TUESDAY
    with TestClient(app) as opened:
        yield opened


@pytest.fixture
def shown(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], str]]:
    """The text of the page at a path; Airflow knows nothing before the test adds it."""
    monkeypatch.setenv("AIRFLOW_VAR_INCIDENT_REPOSITORY", REPOSITORY)
    with create_session() as session:
        clear(session)

    def read(path: str = "sources") -> str:
        answer = client.get(f"/{path}")
        assert answer.status_code == 200, answer.text
        return " ".join(answer.text.split())

    yield read
    with create_session() as session:
        clear(session)


def report(rows: int, **values: Any) -> dict[str, Any]:
    return {
        "rows": rows,
        "loaded_at": "2026-11-24T20:00:00Z",
        "source_edited_at": None,
        "notes": [],
        **values,
    }


def fail_usace() -> None:
    """USACE completed a run yesterday; its load fails since this morning."""
    with create_session() as session:
        add_dag(session, "usace")
        add_run(session, "usace", "good", NOON - 24 * HOUR)
        for hour in (0, 1):
            run = add_run(session, "usace", f"bad+{hour}", NOON + hour * HOUR, "failed")
            task = add_task(session, run, "load", "failed", NOON + hour * HOUR + MINUTE)
            task.try_number = 3
            add_task(session, run, "unload", "upstream_failed")


def test_a_failed_source_says_what_since_when_why_and_links_to_its_log_and_runbook(
    shown: Callable[[str], str], store: Store
) -> None:
    fail_usace()
    save_incidents(store, incident(failed("usace.load", "expected 12000 rows, found 11000")))

    page = shown("sources/usace")

    assert "<b>load failed</b> Tue Nov 24, 5:01 AM PST" in page
    assert "failing since Tue Nov 24, 4:01 AM PST (9 h)" in page
    assert "expected 12000 rows, found 11000" in page
    assert 'href="/dags/usace/runs/bad%2B1/tasks/load?try_number=3"' in page
    assert f'href="{RUNBOOK}/load.md#act">Runbook</a>' in page
    assert "LOW incident" in page
    assert "The public sees: The last good values" in page
    assert "What to do: If the source is down, wait" in page


def test_without_an_incident_a_failed_task_still_has_its_log_and_its_runbook(
    shown: Callable[[str], str], store: Store
) -> None:
    fail_usace()
    save_incidents(store)
    page = shown("sources/usace")
    assert "<b>load failed</b>" in page
    assert "incident" not in page
    assert f'href="{RUNBOOK}/load.md#act">Runbook</a>' in page


def test_a_complete_run_ends_a_failure(shown: Callable[[str], str], store: Store) -> None:
    fail_usace()
    with create_session() as session:
        add_run(session, "usace", "good-again", NOON + 2 * HOUR)
    page = shown("sources")
    assert "<b>No source fails.</b>" in page
    assert "load failed" not in page


def test_the_page_begins_with_the_sources_that_fail_or_are_paused(
    shown: Callable[[str], str], store: Store
) -> None:
    fail_usace()
    with create_session() as session:
        add_dag(session, "epa", is_paused=True)
    first = shown("sources").split('id="answer"')[1].split("</p>")[0]
    assert f"1 of {len(SOURCES)} sources fails:</b>" in first
    assert '<a href="#usace">usace</a>' in first
    assert "Their last good values stay public." in first
    assert 'Paused: <a href="#epa">epa</a>' in first


def test_failed_sources_come_before_those_with_an_open_incident_and_these_before_the_others(
    shown: Callable[[str], str], store: Store
) -> None:
    fail_usace()
    save_incidents(store, incident(failed("malibu.load")))
    others = [name for name in SOURCES if name not in ("usace", "malibu")]
    listed = re.findall(r'<section class="card" id="(\w+)"', shown("sources"))
    assert listed == ["usace", "malibu", *others]


def test_a_paused_source_says_by_whom_and_since_when(
    shown: Callable[[str], str], store: Store
) -> None:
    with create_session() as session:
        add_dag(session, "epa", is_paused=True)
        add_log_entry(session, "epa", "patch_dag", NOON, by="ada", extra='{"is_paused": true}')
        add_log_entry(
            session, "epa", "patch_dag", NOON + HOUR, by="ben", extra='{"is_paused": false}'
        )
    page = shown("sources/epa")
    assert "paused by ada since Tue Nov 24, 4:00 AM PST" in page
    assert "none while it is paused" in page


def test_each_list_of_malibu_has_its_last_good_load(
    shown: Callable[[str], str], store: Store
) -> None:
    with create_session() as session:
        add_dag(session, "malibu")
        before = add_run(session, "malibu", "before", NOON, "failed")
        last = add_run(session, "malibu", "last", NOON + HOUR, "failed")
        for number, part in enumerate(SOURCES["malibu"].loaded):
            add_report(session, before, part.reader, NOON, report(100 + number))
            if number:
                add_report(session, last, part.reader, NOON + HOUR, report(110))
    page = shown("sources/malibu")
    table = page.split("<h3>Lists</h3>")[1].split("</table>")[0]
    rows = table.split("<tr>")[2:]
    assert len(rows) == len(SOURCES["malibu"].loaded) == 4
    for part, row in zip(SOURCES["malibu"].loaded, rows, strict=True):
        assert f"<code>{part.reader}</code>" in row
    assert ">100<" in rows[0], "the list that failed keeps its last good load"
    assert "first load" in rows[0]
    assert ">110<" in rows[1]
    assert ">+9<" in rows[1]


def test_a_source_with_one_table_has_no_list_of_tables(
    shown: Callable[[str], str], store: Store
) -> None:
    with create_session() as session:
        add_dag(session, "usace")
        run = add_run(session, "usace", "r1", NOON)
        add_report(session, run, "load", NOON, report(100))
    page = shown("sources/usace")
    assert "100" in page
    assert "<h3>Lists</h3>" not in page


def test_a_synced_source_says_what_fivetran_said(shown: Callable[[str], str], store: Store) -> None:
    said = {
        "name": "odi_airtable",
        "state": "the connector's setup is broken",
        "succeeded_at": "2026-11-24T20:00:00Z",
        "failed_at": "2026-11-24T21:00:00Z",
        "says": "Reconnect: the token has expired",
    }
    with create_session() as session:
        add_dag(session, "airtable")
        run = add_run(session, "airtable", "r1", NOON)
        add_report(session, run, "sync", NOON, said, key=sync.FIVETRAN)
    page = shown("sources/airtable")
    assert "connector odi_airtable" in page
    assert "the connector's setup is broken" in page.replace("&#39;", "'")
    assert "Reconnect: the token has expired" in page
    assert "Tue Nov 24, 12:00 PM PST; last failed sync Tue Nov 24, 1:00 PM PST" in page
    assert airflow_state.FIVETRAN == sync.FIVETRAN


def test_data_warnings_name_their_entry_and_who_keeps_the_data(
    shown: Callable[[str], str], store: Store, slack: Slack
) -> None:
    entry = "schools_resumed (record recA1) is not published: negative; 7 counts instead"
    for source in ("airtable", "usace"):
        found = {"entries": [Finding(entry, entry)]}
        report_findings(store, source, found, lambda: {"entries"}, TUESDAY)
    assert entry in shown("sources/airtable")
    assert 'Data warnings: 1 <span class="dim">for Airtable staff' in shown("sources/airtable")
    assert 'Data warnings: 1 <span class="dim">for Data engineers' in shown("sources/usace")


@pytest.mark.parametrize("source", SOURCES)
def test_each_source_links_to_its_forms(
    source: str, shown: Callable[[str], str], store: Store
) -> None:
    page = shown(f"sources/{source}").replace("&amp;", "&")
    form = f"/plugin/sources/ddrc/run/{source}"
    assert f'href="{form}">Trigger</a>' in page
    assert f'href="{form}?force_full_load=true">Force a full load</a>' in page
    is_loaded = f'href="{form}?accept_drop=">Accept a drop in rows</a>' in page
    assert is_loaded is not SOURCES[source].is_synced


def test_an_incident_belongs_to_the_source_of_its_problems() -> None:
    opened: dict[str, Incident] = {
        "its task": incident(failed("epa.load")),
        "its freshness": incident(failed("check_freshness.epa")),
        "its finding": incident(found("DAGs: epa is paused", "epa is paused.", dag="epa")),
        "another's": incident(failed("usace.load")),
        "the publication's": incident(failed("publish_metrics.audit")),
    }
    card = make_card(SourceState("epa"), Stored(tuple(opened.values())), "")
    shown = [one.incident for one in card.incidents]
    assert shown == [opened[name] for name in ("its task", "its freshness", "its finding")]


def test_without_the_storage_account_the_page_shows_what_airflow_knows(
    shown: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> Store:
        raise ConnectionError("token=hunter2")

    fail_usace()
    monkeypatch.setattr(sources, "open_store", gone)
    page = shown("sources")
    assert "the storage account does not answer (ConnectionError)" in page
    assert "hunter2" not in page
    assert "<b>load failed</b>" in page


def test_a_silent_storage_account_delays_the_page_for_a_limited_time(
    shown: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Event()

    def silent() -> Store:
        answers.wait(60)
        raise ConnectionError

    monkeypatch.setattr(sources, "open_store", silent)
    monkeypatch.setattr(sources, "STORAGE_SECONDS", 0.01)
    page = shown("sources")
    answers.set()
    assert "the storage account does not answer (TimeoutError)" in page


def test_text_from_errors_and_people_is_escaped(shown: Callable[[str], str], store: Store) -> None:
    hostile = "<script>alert(1)</script>"
    fail_usace()
    with create_session() as session:
        add_dag(session, "epa", is_paused=True)
        add_log_entry(session, "epa", "patch_dag", NOON, by=hostile)
    save_incidents(store, incident(failed("usace.load", hostile)))
    page = shown("sources")
    assert hostile not in page
    assert page.count("&lt;script&gt;alert(1)") == 2


def test_another_dag_is_not_a_source(shown: Callable[[str], str]) -> None:
    assert "publish_metrics is not a source" in shown("sources/publish_metrics")
