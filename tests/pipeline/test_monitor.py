"""The watch: what it reports of the public file and of Airflow, how often, and when it is over."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowSkipException
from airflow.sdk.observability import stats
from azure.core.exceptions import ServiceRequestError

from include.incidents import notify
from include.incidents.incident import Event
from include.incidents.incident_file import Entry, Post, change_state, read_state
from include.incidents.notify import notify_failure
from include.incidents.severity import HIGH, LOW, Assessment, Impact, LastCheck
from include.pipeline import monitor
from include.pipeline.credits import MonitorError, MonthlyCredits
from include.pipeline.monitor import (
    keep_incident_log,
    public_file_problems,
    watch_credits,
    watch_dags,
    watch_public_file,
)
from include.publishing.contract import parse
from include.publishing.earlier import EARLIER_URL
from include.publishing.heartbeat import HEARTBEAT
from include.publishing.holds import Hold, set_hold
from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.public_file import Fault, PublicFile, check_again
from include.publishing.reconcile import Delay
from include.publishing.released import fingerprint
from include.publishing.reviews import Review, save_review
from include.publishing.store import Place
from include.publishing.versions import PUBLISHED
from include.sources import SOURCES
from tests.pipeline.airflow_api import FakeAirflow, at, serving_airflow
from tests.pipeline.running import RUN, call, context_of
from tests.publishing.memory_store import JSON, MemoryStore
from tests.publishing.samples import NOW, file, metric, publish, release, released
from tests.slack import Slack

QUARTER = timedelta(minutes=15)
KILLED = {"event": "Process terminated by signal.", "signal_name": "SIGKILL", "logger": "task"}
GREEN = "usace.load is green"
HOURLY = (*SOURCES, "publish_metrics")
DAILY = ("check_freshness", "clean_up", "keep_history")
OF_USACE = "phase2_roes_accepted"


@dataclass
class Watch:
    """The watch's tasks, run as a schedule does."""

    store: MemoryStore
    slack: Slack
    now: datetime = NOW
    measured: dict[str, float] = field(default_factory=dict)

    def file(self, **context: Any) -> None:
        """Run `watch_public_file`, then let a quarter of an hour pass."""
        self._run(watch_public_file, context)

    def dags(self) -> None:
        """Run `watch_dags`, then let a quarter of an hour pass."""
        self._run(watch_dags, {})

    def _run(self, task: Callable[[], Any], context: Mapping[str, Any]) -> None:
        try:
            call(task(), context_of("watch_publication", task.__name__, **context))
        finally:
            self.now += QUARTER

    def headers(self) -> list[str]:
        """The header of each message that Slack has got."""
        return [one["blocks"][0]["text"]["text"] for one in self.slack.messages()]

    def open(self) -> list[tuple[str, str]]:
        """The cause and the severity of each open incident."""
        return [
            (one.latest.key, one.severity(self.now))
            for one in read_state(self.store).incidents
            if one.is_open
        ]

    def check(self) -> LastCheck:
        """What the watch has last seen of the public file."""
        check = read_state(self.store).last_check
        assert check
        return check

    def ended_by(self) -> list[str]:
        """Why the closed incidents are over."""
        return [one.ended_by for one in read_state(self.store).incidents if not one.is_open]


@pytest.fixture(scope="module")
def served() -> Iterator[FakeAirflow]:
    with serving_airflow() as made:
        yield made


@pytest.fixture
def airflow(served: FakeAirflow, monkeypatch: pytest.MonkeyPatch) -> FakeAirflow:
    """An Airflow whose hourly and daily DAGs are well."""
    served.clear()
    for dag in (*HOURLY, *DAILY):
        served.add_dag(dag, "load")
    monkeypatch.setenv("AIRFLOW_CONN_AIRFLOW_API", served.connection)
    return served


@pytest.fixture
def watch(
    store: MemoryStore,
    slack: Slack,
    airflow: FakeAirflow,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Watch:
    """The watch, which does not wait for half a minute before it believes a fault."""
    made = Watch(store, slack)
    for module in (monitor, notify):
        monkeypatch.setattr(module, "utc_now", lambda: made.now)
    monkeypatch.setattr(monitor, "check_again", partial(check_again, patience_seconds=0.01))
    monkeypatch.setattr(stats, "gauge", made.measured.__setitem__)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return made


@pytest.fixture
def public(store: MemoryStore) -> MemoryStore:
    """A storage account that serves what was released and promoted ten minutes ago."""
    release(store, file(metric("a")))
    publish(store, file(metric("a")))
    store.backdate(PUBLISHED, NOW - timedelta(minutes=10))
    return store


def _alter(store: MemoryStore) -> None:
    store.write(PUBLISHED, file(metric("a", 9)))


def _break(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the storage account answer nobody but readers of the public address."""

    def fail(*_: object, **__: object) -> None:
        raise ServiceRequestError("the storage account does not answer")

    for method in ("read", "write", "replace", "list", "paths", "delete", "copy"):
        monkeypatch.setattr(store, method, fail)


def _call_back(error: Exception, *, tries: int) -> None:
    notify_failure(cast("Context", {**context_of(tries=tries), "exception": error}))


def test_a_public_file_that_is_right_is_measured_and_gives_a_heartbeat(
    watch: Watch, public: MemoryStore
) -> None:
    watch.file()
    assert watch.measured == {"ddrc.publication.age": 600.0}
    assert json.loads(public.need(HEARTBEAT).content) == {"at": "2026-11-24T15:00:00Z"}
    check = watch.check()
    assert (check.at, check.wrong, check.metrics) == (NOW, (), ("a",))
    assert (watch.open(), watch.headers()) == ([], [])


def test_nothing_is_wrong_or_measured_before_the_first_publication(watch: Watch) -> None:
    watch.file()
    assert (watch.measured, watch.open(), watch.headers()) == ({}, [], [])
    assert watch.check().not_yet


def test_a_finding_is_reported_once_and_is_over_when_it_is_gone(
    watch: Watch, public: MemoryStore
) -> None:
    _alter(public)
    for _ in range(3):
        watch.file()
    assert watch.open() == [("public file: altered", HIGH)]
    [header] = watch.headers()
    assert "HIGH" in header
    assert "somebody changed it" in header
    assert watch.check().wrong, "failed tasks of this time are judged by it"
    assert json.loads(public.need(HEARTBEAT).content) == {"at": "2026-11-24T15:30:00Z"}

    publish(public, file(metric("a")), "v2", at=watch.now)
    watch.file()
    watch.file()
    assert watch.open() == []
    assert len(watch.headers()) == 2
    assert "Recovered" in watch.headers()[1]


def test_each_finding_is_an_incident_of_its_own(watch: Watch, public: MemoryStore) -> None:
    _alter(public)
    watch.file()
    public.serve_with(PUBLISHED, JSON | {"content-type": "text/plain"})
    watch.file()
    watch.file()
    assert watch.open() == [
        ("public file: altered", HIGH),
        ("public file: header content-type", HIGH),
    ]
    assert len(watch.headers()) == 2

    publish(public, file(metric("a")), "v2", at=watch.now)
    public.serve_with(PUBLISHED, JSON | {"content-type": "text/plain"})
    watch.file()
    assert watch.open() == [("public file: header content-type", HIGH)]
    assert [("Recovered" in one) for one in watch.headers()] == [False, False, True]


def test_a_failure_beside_a_wrong_file_is_high_until_the_watch_finds_the_file_right(
    watch: Watch, public: MemoryStore
) -> None:
    _alter(public)
    watch.file()
    _call_back(ValueError("no rows"), tries=3)
    assert ("usace.load", HIGH) in watch.open()
    publish(public, file(metric("a")), "v2")
    watch.file()
    assert watch.open() == [("usace.load", LOW)]


def test_a_promotion_between_two_reads_is_no_finding(
    watch: Watch, public: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is read first, and the storage account after the promotion."""
    read = public.read

    def promoted_meanwhile(place: Any) -> Any:
        monkeypatch.setattr(public, "read", read)
        publish(public, file(metric("a", 9)), "v2")
        release(public, file(metric("a", 9)))
        return read(place)

    monkeypatch.setattr(public, "read", promoted_meanwhile)
    watch.file()
    assert watch.check().version == "v2"
    assert (watch.open(), watch.headers()) == ([], [])


@pytest.mark.parametrize("name", [OF_USACE, "entered_by_staff"])
@pytest.mark.parametrize("paused", ["", "usace", "airtable", "publish_metrics"])
def test_a_late_metric_is_a_finding_unless_its_source_is_paused(
    name: str, paused: str, watch: Watch, airflow: FakeAirflow
) -> None:
    outdated = file(metric(name, LAST_UPDATED="2026-11-01T00:00:00Z"))
    release(watch.store, outdated)
    publish(watch.store, outdated)
    if paused:
        airflow.dags[paused]["is_paused"] = True
    watch.file()
    is_left_out = paused == ("usace" if name == OF_USACE else "airtable")
    assert watch.open() == [(f"public file: {name} is late", LOW)] * (not is_left_out)
    assert set(watch.check().late) == {name}


def test_a_late_metric_is_over_once_its_source_is_paused(
    watch: Watch, airflow: FakeAirflow
) -> None:
    outdated = file(metric(OF_USACE, LAST_UPDATED="2026-11-01T00:00:00Z"))
    release(watch.store, outdated)
    publish(watch.store, outdated)
    watch.file()
    assert watch.open() == [(f"public file: {OF_USACE} is late", LOW)]
    airflow.dags["usace"]["is_paused"] = True
    watch.file()
    assert watch.open() == []


def test_while_airflow_does_not_answer_no_metric_becomes_late_and_none_stops_being_late(
    watch: Watch, airflow: FakeAirflow
) -> None:
    def outdate(*names: str) -> None:
        outdated = file(*(metric(name, LAST_UPDATED="2026-11-01T00:00:00Z") for name in names))
        release(watch.store, outdated)
        publish(watch.store, outdated, f"v{len(names)}")
        watch.file()

    outdate("a")
    airflow.status = 503
    outdate("a", "b")
    assert watch.open() == [("public file: a is late", LOW)]
    airflow.status = 200
    watch.file()
    assert watch.open() == [(f"public file: {name} is late", LOW) for name in "ab"]


def test_a_secret_in_a_fault_is_in_no_part_of_its_problem() -> None:
    text = "It is out of reach: https://x.example/f?sig=dummysecretdummy"
    [problem] = public_file_problems(PublicFile((Fault("unreachable", text),)), (), (), NOW)
    for said in (problem.error, problem.assessment.why):
        assert said.startswith("It is out of reach: ")
        assert "dummysecret" not in said


PAGE_IS_EMPTY = "Nothing: the page shows no numbers."
STRANGE = "Numbers that this pipeline did not publish."
FAULTS = {
    "missing": (True, PAGE_IS_EMPTY),
    "unreachable": (True, PAGE_IS_EMPTY),
    "altered": (True, STRANGE),
    "not promoted": (True, STRANGE),
    "invalid": (True, "Wrong numbers, or none."),
    "rewritten": (False, "The right values."),
}


@pytest.mark.parametrize("key", FAULTS)
def test_a_finding_says_what_the_public_sees(key: str) -> None:
    is_wrong, sees = FAULTS[key]
    found = PublicFile((Fault(key, "Why.", ("a",), is_wrong),))
    problem, delay = public_file_problems(found, [Delay("not public", "Late.")], (), NOW)
    impact = Impact.WRONG if is_wrong else Impact.NONE
    assert problem.assessment == Assessment(impact, "Why.", sees, ("a",))
    assert delay.assessment == Assessment(Impact.NONE, "Late.", "The last good values.")


def test_late_metrics_are_an_incident_each_and_one_message(watch: Watch) -> None:
    old = {"LAST_UPDATED": "2026-11-01T00:00:00Z"}
    outdated = file(*(metric(name, **old) for name in ("a", "b", OF_USACE)))
    release(watch.store, outdated)
    publish(watch.store, outdated)
    watch.file()
    found = sorted(one.dags for one in read_state(watch.store).open)
    assert found == [("airtable",), ("airtable",), ("usace",)]
    assert len(watch.headers()) == 1


@pytest.mark.parametrize("is_asking", [False, True])
def test_what_is_not_public_for_an_hour_is_a_finding_unless_a_person_is_asked(
    is_asking: bool, watch: Watch
) -> None:
    publish(watch.store, file(metric("a", 100)))
    watch.store.backdate(PUBLISHED, NOW - timedelta(hours=9))
    release(watch.store, file(metric("a", 10)))
    watch.store.backdate(released("airtable"), NOW - timedelta(hours=2))
    metrics = fingerprint(parse(file(metric("a", 10)), NOW))
    etag = watch.store.need(PUBLISHED).etag
    save_review(watch.store, Review("for_run 2", metrics, etag, NOW))
    watch.file(asking=["for_run 2"] if is_asking else [])
    assert watch.open() == [("public file: not public", LOW)] * (not is_asking)


@pytest.mark.parametrize(
    ("content", "headers"),
    [
        (file(metric("a")), JSON),
        # Neither hides the file or makes its numbers wrong.
        (file(metric("a")), JSON | {"cache-control": "max-age=86400"}),
        (file(metric("a", LAST_UPDATED="2026-11-01T00:00:00Z")), JSON),
    ],
)
def test_without_the_storage_account_a_right_file_calls_nobody(
    content: bytes,
    headers: dict[str, str],
    watch: Watch,
    public: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    public.unload(PUBLISHED, content, headers)
    _break(public, monkeypatch)
    with pytest.raises(ServiceRequestError):
        watch.file()
    assert watch.headers() == []
    monkeypatch.undo()
    assert public.read(HEARTBEAT) is None, "the watch from outside sees that the check failed"


def test_without_the_storage_account_a_wrong_file_is_one_high_message_an_hour(
    watch: Watch, public: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    public.unload(PUBLISHED, b"{}", JSON)
    _break(public, monkeypatch)
    for _ in range(6):
        with pytest.raises(ServiceRequestError):
            watch.file()
    assert len(watch.headers()) == 2, "one from 15:00 to 15:45, and one from 16:00"
    assert all("HIGH" in one and "breaks its contract" in one for one in watch.headers())


def test_without_airflow_s_api_the_public_file_is_watched_and_no_failure_is_over(
    watch: Watch, public: MemoryStore, airflow: FakeAirflow
) -> None:
    failed = airflow.add_instance("usace.load", "failed", -QUARTER)
    watch.dags()
    failed["state"], airflow.status = "success", 503
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        watch.dags()
    assert watch.open() == [("usace.load", LOW)]

    old = metric("a", 9, LAST_UPDATED="2026-11-01T00:00:00Z")
    public.write(PUBLISHED, file(old))
    watch.file()
    assert ("public file: altered", HIGH) in watch.open()
    assert public.need(HEARTBEAT)

    airflow.status = 200
    watch.dags()
    assert "usace.load" not in dict(watch.open())


@pytest.fixture
def earlier(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An earlier system's file, which the page reads until the switch."""
    place = Place(PUBLIC_CONTAINER, "earlier.json")
    monkeypatch.setenv(EARLIER_URL, store.public_url(place))
    store.unload(place, file(metric("a", "1"), metric("b")), JSON)
    return place


def test_until_the_switch_nothing_is_reported_for_days(watch: Watch, earlier: Place) -> None:
    """The public file is missing, the metrics are released and not public, and one is late."""
    old = metric("a", LAST_UPDATED="2026-11-01T00:00:00Z")
    release(watch.store, file(old))
    watch.store.backdate(released("airtable"), NOW - timedelta(days=9))
    for _ in range(3):
        watch.file()
        watch.now += timedelta(days=2)
    assert (watch.open(), watch.headers()) == ([], [])
    check = watch.check()
    assert (check.wrong, check.late, check.not_yet) == ((), {}, True)
    assert check.version == ""
    assert check.earlier == watch.store.public_url(earlier)
    assert watch.store.need(HEARTBEAT)


def test_until_the_switch_an_earlier_file_that_is_gone_is_what_the_public_sees(
    watch: Watch, earlier: Place
) -> None:
    content = watch.store.need(earlier).content
    watch.store.delete(earlier)
    watch.file()
    watch.file()
    assert watch.open() == [("public file: earlier file", HIGH)]
    [message] = watch.slack.messages()
    assert "The earlier file is missing" in message["blocks"][0]["text"]["text"]
    assert "Nothing: the page shows no numbers." in json.dumps(message)
    assert "Notify the people of the earlier system" in json.dumps(message)
    assert watch.store.public_url(earlier) in json.dumps(message), "the button opens this file"
    assert watch.store.public_url(PUBLISHED) not in json.dumps(message)

    watch.store.unload(earlier, content, JSON)
    watch.file()
    assert watch.open() == []


def test_after_the_switch_the_watch_is_as_before_and_the_earlier_file_may_end(
    watch: Watch, public: MemoryStore, earlier: Place
) -> None:
    public.delete(earlier)
    watch.file()
    assert watch.open() == []
    _alter(public)
    watch.file()
    assert watch.open() == [("public file: altered", HIGH)]


def test_on_the_way_back_a_fault_of_the_file_that_nobody_reads_is_low(
    watch: Watch, public: MemoryStore, earlier: Place
) -> None:
    held = Hold("v1", "Ada", "A slip", NOW, "run", is_until_switch=True)
    set_hold(public, held)
    _alter(public)
    release(public, b"[]", "epa")
    watch.file()
    invalid = "public file: invalid sources/epa.json"
    assert watch.open() == [("public file: altered", LOW), (invalid, LOW)]
    sees = {incident.assessment.public_sees for incident in read_state(public).open}
    assert sees == {f"The earlier system's file, {public.public_url(earlier)}."}


@pytest.mark.parametrize("is_there", [True, False])
def test_without_the_storage_account_the_public_sees_one_of_both_files(
    is_there: bool, watch: Watch, earlier: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not is_there:
        watch.store.delete(earlier)
    _break(watch.store, monkeypatch)
    with pytest.raises(ServiceRequestError):
        watch.file()
    assert len(watch.headers()) == (0 if is_there else 1)


def test_a_killed_task_is_reported_once_and_is_over_when_it_is_green(
    watch: Watch, airflow: FakeAirflow
) -> None:
    airflow.add_instance("usace.load", "failed", -QUARTER)
    airflow.logs["usace", "load", 3] = [KILLED]
    watch.dags()
    watch.dags()
    assert watch.open() == [("usace.load", LOW)]
    [text] = watch.slack.texts()
    assert "killed" in text
    [incident] = read_state(watch.store).open
    assert incident.opened_at == NOW - QUARTER

    airflow.add_instance("usace.load", "success", timedelta(), run="another")
    watch.dags()
    watch.dags()
    assert (watch.open(), watch.ended_by()) == ([], [GREEN])
    assert len(watch.headers()) == 2
    assert "Recovered" in watch.headers()[1]


def test_a_failure_that_its_callback_has_reported_is_not_reported_again(
    watch: Watch, airflow: FakeAirflow
) -> None:
    _call_back(ValueError("no rows"), tries=3)
    [message] = watch.slack.messages()
    failed = airflow.add_instance("usace.load", "failed", timedelta(seconds=2), run=RUN)
    watch.now += QUARTER
    watch.dags()
    assert watch.slack.messages() == [message]

    failed["state"] = None  # Somebody cleared it.
    watch.dags()
    assert watch.open() == [("usace.load", LOW)]
    failed.update(state="success", try_number=4, end_date=at(2 * QUARTER))
    watch.dags()
    assert watch.ended_by() == [GREEN]


def test_what_a_callback_posted_without_the_storage_account_is_recorded_and_not_posted_again(
    watch: Watch,
    airflow: FakeAirflow,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    error = ValueError("no rows")
    with monkeypatch.context() as broken:
        _break(watch.store, broken)
        for tries in (3, 4):  # Cleared within the hour, and failed for the same cause.
            caplog.clear()
            _call_back(error, tries=tries)
    assert len(watch.headers()) == 1
    airflow.add_instance("usace.load", "failed", timedelta(), run=RUN, tries=4)
    airflow.logs["usace", "load", 4] = [
        {
            "event": "Task failed with exception", "logger": "task",
            "error_detail": [{"exc_type": "ValueError", "exc_value": str(error)}],
        },
        *({"event": line, "logger": "include.incidents.notify"} for line in caplog.messages),
    ]  # fmt: skip
    watch.now += QUARTER
    watch.dags()
    assert watch.open() == [("usace.load", LOW)]
    assert len(watch.headers()) == 1

    airflow.add_instance("usace.load", "success", QUARTER, run="another")
    watch.dags()
    assert watch.ended_by() == [GREEN]
    assert "Recovered" in watch.headers()[1]


def test_the_watch_reports_its_own_failed_tasks(watch: Watch, airflow: FakeAirflow) -> None:
    key = "watch_publication.keep_incident_log"
    airflow.add_instance(key, "failed", -QUARTER)
    watch.dags()
    assert watch.open() == [(key, LOW)]
    airflow.add_instance(key, "success", timedelta(), run="another")
    watch.dags()
    assert watch.open() == []


def test_a_paused_dag_and_a_failure_are_two_incidents_and_a_pause_ends_failures(
    watch: Watch, airflow: FakeAirflow
) -> None:
    airflow.add_instance("usace.load", "failed", -QUARTER)
    airflow.dags["epa"]["is_paused"] = True
    watch.dags()
    assert watch.open() == [("DAGs: epa is paused", LOW), ("usace.load", LOW)]
    airflow.dags["epa"]["is_paused"] = False
    airflow.dags["usace"]["is_paused"] = True
    watch.dags()
    assert watch.open() == [("DAGs: usace is paused", LOW)]
    assert "usace is paused" in watch.ended_by()


@pytest.mark.parametrize(("hours", "overdue"), [(4, HOURLY), (27, (*HOURLY, *DAILY))])
def test_every_hourly_and_every_daily_dag_has_to_complete(
    hours: int, overdue: tuple[str, ...], watch: Watch, airflow: FakeAirflow
) -> None:
    for run in airflow.runs:
        run["end_date"] = at(timedelta(hours=-hours))
    watch.dags()
    assert watch.open() == [(f"DAGs: {dag} is overdue", LOW) for dag in overdue]


def test_a_storm_is_one_message(watch: Watch, airflow: FakeAirflow) -> None:
    for dag in HOURLY:
        airflow.add_instance(f"{dag}.load", "failed", -QUARTER)
    watch.dags()
    assert len(watch.open()) == len(HOURLY)
    [header] = watch.headers()
    assert f"{len(HOURLY)} incidents" in header


def test_credits_are_an_incident_at_half_of_the_quota_which_is_over_next_month(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = MonthlyCredits("DDRC_DEV", 33, 60)
    monkeypatch.setattr(monitor, "read_credits", lambda connect, name: month)
    result = call(watch_credits(), context_of("watch_publication", "watch_credits"))
    assert result == {"used": 33, "quota": 60}, "the task's result in Airflow's UI"
    assert watch.open() == [("credits: 50 % of the quota", LOW)]
    [header] = watch.headers()
    assert "50 % of the month's Snowflake credits are used: 33.0 of 60 (55 %)" in header

    watch.now, month = datetime(2026, 12, 1, 9, tzinfo=UTC), replace(month, used=0.1)
    call(watch_credits(), context_of("watch_publication", "watch_credits"))
    assert watch.open() == []
    assert watch.ended_by() == ["0.1 of 60 credits are used this month"]


def test_a_secret_is_an_incident_before_it_ends_even_if_the_api_refuses_the_watch(
    watch: Watch, airflow: FakeAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = {"airflow_api": (NOW + timedelta(days=6)).isoformat()}
    monkeypatch.setenv("AIRFLOW_VAR_SECRET_END_DATES", json.dumps(end))
    airflow.status = 401
    with pytest.raises(httpx.HTTPStatusError):
        watch.dags()
    assert watch.open() == [("secrets: airflow_api, 7 days", LOW)]
    [header] = watch.headers()
    assert "The secret of airflow_api ends on 2026-11-30, in 6 days" in header

    airflow.status = 200
    end = {"airflow_api": (NOW + timedelta(days=365)).isoformat()}
    monkeypatch.setenv("AIRFLOW_VAR_SECRET_END_DATES", json.dumps(end))
    watch.dags()
    assert watch.open() == []
    assert "the secret of airflow_api ends on 2027-11-24" in watch.ended_by()


@pytest.mark.parametrize("is_failing", [False, True])
def test_three_of_four_runs_read_no_credits_unless_the_last_reading_failed(
    is_failing: bool, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_failing:
        failed = context_of("watch_publication", "watch_credits", tries=3)
        notify_failure(cast("Context", {**failed, "exception": MonitorError("no monitor")}))
    read: list[str] = []

    def read_credits(connect: Any, name: str) -> MonthlyCredits:
        read.append(name)
        return MonthlyCredits(name, 0, 60)

    monkeypatch.setattr(monitor, "read_credits", read_credits)
    context = context_of(
        "watch_publication", "watch_credits", run="scheduled__x", run_after=NOW + QUARTER
    )
    if is_failing:
        call(watch_credits(), context)
    else:
        with pytest.raises(AirflowSkipException, match="read by the first run of each hour"):
            call(watch_credits(), context)
    assert read == ["DDRC_DEV"] * is_failing


def test_incidents_are_written_to_the_warehouse_and_missed_messages_sent(
    watch: Watch, airflow: FakeAirflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[Any, tuple[Entry, ...]]] = []
    monkeypatch.setattr(
        monitor, "write_entries", lambda connect, entries: written.append((connect, entries))
    )
    monkeypatch.setattr("include.incidents.slack._TRIES", 1)
    watch.slack.switch("down")
    airflow.add_instance("usace.load", "failed", -QUARTER)
    watch.dags()
    watch.slack.switch("up")
    fresh = Post(watch.now, message={"text": "Another process is sending this."})
    change_state(watch.store, lambda state: replace(state, posts=(*state.posts, fresh)))

    result = call(keep_incident_log(), context_of("watch_publication", "keep_incident_log"))

    assert result == {"logged": 1, "delivered": 1}
    [(connect, [entry])] = written
    assert connect.__self__.snowflake_conn_id == "snowflake_transformer"
    assert (entry.event, entry.incident.latest.key) == (Event.OPENED, "usace.load")
    [header] = watch.headers()
    assert "usace" in header
    state = read_state(watch.store)
    assert (state.entries, state.posts) == ((), (fresh,))


def test_without_events_the_warehouse_is_left_alone(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "snowflake_hook", pytest.fail)
    result = call(keep_incident_log(), context_of("watch_publication"))
    assert result == {"logged": 0, "delivered": 0}
