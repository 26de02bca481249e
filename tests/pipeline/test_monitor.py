"""The watch: what it finds in Airflow and at the public address, and how often it says so."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.observability import stats
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from include.incidents.incident import Event
from include.incidents.incident_log import save_event, unlogged_events
from include.incidents.slack import FOLDER
from include.pipeline import monitor
from include.pipeline.monitor import (
    check_dags,
    keep_incident_log,
    report,
    watch_dags,
    watch_public_file,
)
from include.publishing.contract import parse
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.released import fingerprint
from include.publishing.reviews import Review, save_review
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from include.sources import SOURCES
from tests.incidents.samples import incident
from tests.pipeline.running import call, context_of
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release, released
from tests.serving import serving
from tests.slack import Slack


class Airflow:
    """Airflow's API: one hourly DAG that is well, unless a test changes it."""

    def __init__(self) -> None:
        self.paused: set[str] = set()
        self.ended_at: str | None = at(hours=-1)
        self.running: list[dict[str, Any]] = []
        self.import_errors: list[str] = []
        self.tokens: set[str | None] = set()

    async def answer(self, request: Request) -> JSONResponse:
        self.tokens.add(request.headers.get("authorization"))
        path, query = request.path_params["path"], dict(request.query_params)
        if path == "importErrors":
            return JSONResponse(
                {"import_errors": [{"filename": one} for one in self.import_errors]}
            )
        if path == "dags/~/dagRuns":
            assert query == {"state": "running", "limit": "100"}
            return JSONResponse({"dag_runs": self.running})
        if path.endswith("/dagRuns"):
            assert query == {"state": "success", "order_by": "-end_date", "limit": "1"}
            runs = [] if self.ended_at == "never" else [{"end_date": self.ended_at}]
            return JSONResponse({"dag_runs": runs})
        return JSONResponse({"is_paused": path.removeprefix("dags/") in self.paused})


def at(**delta: float) -> str:
    return (NOW + timedelta(**delta)).isoformat()


def running(dag: str, start: str | None) -> dict[str, Any]:
    return {"dag_id": dag, "dag_run_id": "run 1", "start_date": start}


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Airflow]:
    made = Airflow()
    app = Starlette(routes=[Route("/api/v2/{path:path}", made.answer)])
    with serving(app) as url:
        host, port = url.removeprefix("http://").split(":")
        connection = {
            "conn_type": "http", "schema": "http", "host": host, "port": int(port),
            "password": "dummy",
        }  # fmt: skip
        monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", json.dumps(connection))
        yield made


def findings() -> list[str]:
    return check_dags(("usace", "epa"), NOW)


def test_dags_that_are_well_give_no_finding(airflow: Airflow) -> None:
    airflow.running = [running("usace", at(hours=-2)), running("epa", None)]
    assert findings() == []
    assert airflow.tokens == {"Bearer dummy"}


def test_a_file_that_does_not_parse_is_named(airflow: Airflow) -> None:
    airflow.import_errors = ["/a/dags/usace.py", "epa.py"]
    assert findings() == ["usace.py does not parse.", "epa.py does not parse."]


def test_a_run_that_hangs_is_named_unless_it_waits_for_a_person(airflow: Airflow) -> None:
    long_ago = at(hours=-2, seconds=-1)
    airflow.running = [
        running(dag, long_ago) for dag in ("approve_change", "usace", "restore_metrics")
    ]
    assert findings() == ["usace hangs: its run run 1 exceeds 2:00:00."]


def test_a_paused_source_is_one_finding(airflow: Airflow) -> None:
    airflow.paused, airflow.ended_at = {"epa"}, at(days=-9)
    assert findings() == [
        "usace has not completed a run since 2026-11-15T15:00 (UTC).",
        "epa is paused: its last good values stay public.",
    ]


@pytest.mark.parametrize(
    ("ended_at", "is_late"),
    [(at(hours=-3), False), (at(hours=-3, seconds=-1), True), (None, False), ("never", False)],
)
def test_a_source_without_a_complete_run_for_three_hours_is_found(
    ended_at: str | None, is_late: bool, airflow: Airflow
) -> None:
    airflow.ended_at = ended_at
    late = "has not completed a run since 2026-11-24T11:59 (UTC)."
    assert findings() == ([f"usace {late}", f"epa {late}"] if is_late else [])


def test_a_finding_is_reported_once_and_again_after_it_was_gone(store: MemoryStore) -> None:
    with pytest.raises(AirflowFailException, match="One"):
        report(store, "x", ["One."])
    stored = store.need(Place(VERSIONS_CONTAINER, "watch/x"))
    with pytest.raises(AirflowSkipException, match=r"^Already reported: One\.$"):
        report(store, "x", ["One."])
    assert store.need(Place(VERSIONS_CONTAINER, "watch/x")) == stored, "nothing is written again"
    with pytest.raises(AirflowFailException, match=r"^Two\. Three\.$"):
        report(store, "x", ["One.", "Two.", "Three."])
    with pytest.raises(AirflowSkipException, match=r"^Already reported: Two\.$"):
        report(store, "x", ["Two."])
    report(store, "y", [])
    report(store, "x", [])
    with pytest.raises(AirflowFailException, match="One"):
        report(store, "x", ["One."])


def test_every_finding_is_logged_each_time(
    store: MemoryStore, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        with pytest.raises((AirflowFailException, AirflowSkipException)):
            report(store, "x", ["One."])
    assert caplog.text.count("One.") == 2


def test_the_watch_of_dags_looks_at_every_source(
    store: MemoryStore, airflow: Airflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "utc_now", lambda: NOW)
    airflow.paused = set(SOURCES)
    with pytest.raises(AirflowFailException) as caught:
        call(watch_dags(), context_of("watch_publication", "watch_dags"))
    assert str(caught.value).count("is paused") == len(SOURCES)
    with pytest.raises(AirflowSkipException):
        call(watch_dags(), context_of("watch_publication", "watch_dags"))


def test_the_watch_of_the_public_file_measures_its_age_and_reports_what_is_wrong(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: dict[str, float] = {}
    monkeypatch.setattr(stats, "gauge", measured.__setitem__)
    monkeypatch.setattr(monitor, "utc_now", lambda: NOW)
    release(store, file(metric("a")))
    publish(store, file(metric("a")))
    store.backdate(PUBLISHED, NOW - timedelta(minutes=10))

    call(watch_public_file(), context_of("watch_publication"))
    assert measured == {"ddrc.publication.age": 600.0}

    outdated = file(metric("a", LAST_UPDATED="2026-11-01T00:00:00Z"))
    release(store, outdated)
    publish(store, outdated, "v2")
    with pytest.raises(AirflowFailException, match="a should change daily"):
        call(watch_public_file(), context_of("watch_publication"))
    with pytest.raises(AirflowSkipException):
        call(watch_public_file(), context_of("watch_publication"))


@pytest.mark.parametrize("asking", [False, True])
def test_the_watch_reports_what_is_not_public_for_an_hour_unless_a_person_is_asked(
    asking: bool, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "utc_now", lambda: NOW)
    publish(store, file(metric("a", 100)))
    store.backdate(PUBLISHED, NOW - timedelta(hours=9))
    release(store, file(metric("a", 10)))
    store.backdate(released("airtable"), NOW - timedelta(hours=2))
    metrics = fingerprint(parse(file(metric("a", 10)), NOW))
    save_review(store, Review("for_run 2", metrics, store.need(PUBLISHED).etag, NOW))
    context = context_of("watch_publication", asking=["for_run 2"] if asking else [])
    if asking:
        call(watch_public_file(), context)
        return
    with pytest.raises(AirflowFailException, match="not public since 2026-11-24 13:00"):
        call(watch_public_file(), context)
    with pytest.raises(AirflowSkipException, match="Already reported"):
        call(watch_public_file(), context)


def test_nothing_is_measured_without_a_file(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stats, "gauge", pytest.fail)
    call(watch_public_file(), context_of("watch_publication"))


def test_events_are_written_to_the_warehouse_and_messages_sent_again(
    store: MemoryStore, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Any] = []
    monkeypatch.setattr(
        monitor, "write_events", lambda connect, events: written.append((connect, events))
    )
    save_event(store, Event.OPENED, incident(), NOW)
    saved = Place(VERSIONS_CONTAINER, f"{FOLDER}/20261124T140000000000Z-1.json")
    store.write(saved, json.dumps({"text": "late"}).encode())

    result = call(keep_incident_log(), context_of("watch_publication", "keep_incident_log"))

    assert result == {"logged": 1, "delivered": 1}
    [(connect, [event])] = written
    assert connect.__self__.snowflake_conn_id == "snowflake_transformer"
    assert event["event"] == "opened"
    assert list(unlogged_events(store)) == []
    assert slack.texts() == ["late"]


def test_without_events_the_warehouse_is_left_alone(
    store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "snowflake_hook", pytest.fail)
    result = call(keep_incident_log(), context_of("watch_publication"))
    assert result == {"logged": 0, "delivered": 0}
