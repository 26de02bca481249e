"""The loader tasks: when they load, what they ask of the loaders, and how they end."""

import json
from contextlib import suppress
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.snowflake.hooks.snowflake import SnowflakeHook
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import (
    AirflowFailException,
    AirflowNotFoundException,
    DownstreamTasksSkipped,
)
from airflow.sdk.observability import stats
from structlog.testing import capture_logs

from include import loaders
from include.loaders import (
    LoadOptions,
    LoadReport,
    Origin,
    PermanentError,
    TransientError,
)
from include.pipeline import load
from include.pipeline.change_detection import code_fingerprint, is_complete
from include.pipeline.load import (
    load_layer,
    load_lists,
    origin_of,
    skip_unless_changed,
    skip_unless_edited,
)
from include.publishing.names import PUBLIC_CONTAINER, source_file
from include.publishing.store import Place
from include.sources import SOURCES
from include.times import california_time, iso_utc, utc_now
from tests.pipeline.running import RUN, call, context_of, operator_of, pushed
from tests.publishing.memory_store import MemoryStore
from tests.publishing.samples import NOW
from tests.slack import Slack

EPA, USACE, MALIBU = (SOURCES[name] for name in ("epa", "usace", "malibu"))
RECENTLY = iso_utc(utc_now() - timedelta(hours=1))
LONG_AGO = iso_utc(utc_now() - timedelta(hours=21))
AFTER = ("transform.usace_metrics", "unload", "release")


@pytest.fixture(autouse=True)
def complete(store: MemoryStore) -> MemoryStore:
    """The storage account after a complete run of every source."""
    for source in SOURCES:
        store.write(Place(PUBLIC_CONTAINER, source_file(source)), b"[]")
    return store


def report(**changes: Any) -> LoadReport:
    given: dict[str, Any] = {
        "source": "usace", "table": "A.B.C", "load_id": RUN, "rows": 12_000, "bytes": 5,
        "requests": 2, "seconds": 3.5, "read_seconds": 2.0, "source_edited_at": NOW,
        "loaded_at": NOW, "content_hash": "abc", "outcome": "loaded",
    }  # fmt: skip
    return LoadReport(**(given | changes))


def seen(task: str = "load", **state: str | None) -> dict[str, Any]:
    """What the newest complete run of the deployed code has stored."""
    known = {"source_edited_at": None, "loaded_at": RECENTLY, "content_hash": "abc", **state}
    return {"code": code_fingerprint(), "seen": {task: known}}


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A loader without a warehouse.

    `calls` has what it was asked; `result` is its report, or an error that it raises.
    """
    made = SimpleNamespace(calls=[], result=report(), metrics=[], columns={"PUBLICSTATUS": "text"})

    def load_table(part: Any, **options: Any) -> LoadReport:
        made.calls.append((part, options))
        options["options"].columns(made.columns)
        if isinstance(made.result, Exception):
            raise made.result
        return made.result  # type: ignore[no-any-return]

    monkeypatch.setattr(loaders, "load_table", load_table, raising=False)
    monkeypatch.setenv("AIRFLOW_CONN_SOURCE_USACE", '{"conn_type": "http", "password": "token"}')
    for kind in ("gauge", "timing"):
        monkeypatch.setattr(
            stats, kind, lambda name, value, tags: made.metrics.append((name, value, tags))
        )
    return made


def test_a_layer_is_loaded_by_the_loaders_role_with_the_runs_id(loads: Any) -> None:
    result = call(load_layer(USACE), context_of("usace"))

    [(part, options)] = loads.calls
    assert part == USACE.layers[0]
    assert options["database"] == "RAW_DDRC_DEV"
    assert options["load_id"] == RUN
    assert options["origin"] == Origin(token="token")
    assert options["options"] == LoadOptions(retry_seconds=load.SOURCE_RETRY_SECONDS)
    [hook] = [
        cell.cell_contents
        for cell in options["connect"].__closure__
        if isinstance(cell.cell_contents, SnowflakeHook)
    ]
    assert hook.snowflake_conn_id == "snowflake_loader"
    assert result == report().as_dict()


def connect_usace(monkeypatch: pytest.MonkeyPatch, **extra: object) -> None:
    """The connection `source_usace` with an extra."""
    connection = {"conn_type": "http", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SOURCE_USACE", json.dumps(connection))


def test_a_slow_source_is_read_as_its_connection_and_the_form_say(
    loads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_usace(
        monkeypatch, page_size=500, concurrency="1", timeout_seconds=120, ca_bundle="x.pem"
    )
    with capture_logs() as logged:
        call(load_layer(USACE), context_of("usace", page_size=250, retry_seconds=60))
    [(_, options)] = loads.calls
    assert options["options"] == LoadOptions(
        page_size=250,
        concurrency=1,
        retry_seconds=60.0,
        timeout_seconds=120.0,
        request_seconds=360.0,
    )
    assert options["origin"] == Origin(ca_bundle="x.pem")
    assert [given["event"] for given in logged if "Settings" in given["event"]] == [
        "Settings from the extra of the connection source_usace",
        "Settings from the form of this run",
    ]


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        (
            {"page_size": "many"},
            "the extra of the connection source_usace has page_size 'many'; page_size is a whole "
            "number from 1 to 100,000",
        ),
        (
            {"pagesize": 500},
            "the extra of the connection source_usace has 'pagesize', which is no setting of "
            "usace; it has page_size, concurrency, retry_seconds, timeout_seconds",
        ),
    ],
)
def test_a_wrong_setting_of_a_connection_is_one_clear_failure(
    extra: dict[str, object], reason: str, loads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_usace(monkeypatch, **extra)
    with pytest.raises(AirflowFailException) as caught:
        call(load_layer(USACE), context_of("usace"))
    assert str(caught.value) == f"usace: {reason}."
    assert loads.calls == []


@pytest.mark.parametrize("extra", ['{"page_size": 5', "[1]", '{"ca_bundle": 5}'])
def test_an_extra_that_is_not_an_object_of_settings_is_one_clear_failure(
    extra: str, loads: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_SOURCE_USACE", json.dumps({"conn_type": "http", "extra": extra})
    )
    with pytest.raises(AirflowFailException) as caught:
        call(load_layer(USACE), context_of("usace"))
    assert str(caught.value) == (
        "usace: the extra of the connection source_usace is not a JSON object of settings and "
        "ca_bundle, a path."
    )
    assert loads.calls == []


def test_a_load_is_measured_by_source_and_table(loads: Any) -> None:
    call(load_layer(USACE), context_of("usace"))
    tags = {"source": "usace", "table": "A.B.C"}
    assert loads.metrics == [
        ("ddrc.load.rows", 12_000, tags),
        ("ddrc.load.bytes", 5, tags),
        ("ddrc.load.duration", timedelta(seconds=3.5), tags),
    ]


@pytest.mark.parametrize(
    ("events", "run", "known"),
    [
        ([seen()], {}, "abc"),
        ([], {}, None),
        ([seen(loaded_at=LONG_AGO)], {}, None),
        ([seen()], {"tries": 2}, None),
        ([seen()], {"force_full_load": True}, None),
        ([seen() | {"code": "other"}], {}, None),
    ],
)
def test_the_rows_before_are_known_unless_there_is_a_reason_to_load(
    events: list[Any], run: dict[str, Any], known: str | None, loads: Any
) -> None:
    call(load_layer(USACE), context_of("usace", events=events, **run))
    [(_, options)] = loads.calls
    assert options["options"].known_hash == known


@pytest.mark.parametrize(("events", "is_marked"), [([seen()], False), ([], True)])
def test_a_write_is_marked_before_it_begins_and_rows_that_are_only_read_are_not(
    events: list[Any],
    is_marked: bool,
    loads: Any,
    store: MemoryStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(SnowflakeHook, "get_conn", lambda self: SimpleNamespace(close=str))
    call(load_layer(USACE), context_of("usace", events=events))
    [(_, options)] = loads.calls
    assert is_complete(store, "usace") is not is_marked

    with options["connect"]():
        assert not is_complete(store, "usace")


def test_the_same_rows_skip_the_rest_of_the_dag(loads: Any) -> None:
    loads.result = report(outcome="unchanged")
    context = context_of("usace", events=[seen()], after=AFTER)
    with pytest.raises(DownstreamTasksSkipped) as caught:
        call(load_layer(USACE), context)
    assert caught.value.tasks == list(AFTER)
    assert pushed(context) == {"skipped_because": "usace has the same 12,000 rows as before"}


def test_a_drop_is_accepted_with_its_reason_and_person(loads: Any) -> None:
    call(load_layer(USACE), context_of("usace", accept_drop=" Two withdrew ", by="ada"))
    [(_, options)] = loads.calls
    assert options["options"].accept_drop == "Two withdrew (accepted by ada)"


def test_a_permanent_failure_is_not_retried_and_a_transient_one_is(loads: Any) -> None:
    loads.result = PermanentError("usace", "the layer is gone")
    with pytest.raises(AirflowFailException, match=r"^usace: the layer is gone"):
        call(load_layer(USACE), context_of("usace"))
    loads.result = TransientError("usace", "it does not answer")
    with pytest.raises(TransientError):
        call(load_layer(USACE), context_of("usace"))


def test_each_list_is_loaded_by_a_task_of_its_name(loads: Any) -> None:
    tasks = load_lists(MALIBU)
    ids = [operator_of(task).task_id for task in tasks]
    assert ids == [part.reader for part in MALIBU.lists]
    assert ids[0].startswith("load_")
    results = [call(task, context_of("malibu")) for task in tasks]
    assert [part for part, _ in loads.calls] == list(MALIBU.lists)
    assert {result["outcome"] for result in results} == {"loaded"}


@pytest.fixture
def edited(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A layer that was edited at `at`; an error is raised."""
    made = SimpleNamespace(at=NOW, asked=[], columns={"PUBLICSTATUS": "text"})

    def read(layer: Any, origin: Origin, options: LoadOptions) -> Any:
        made.asked.append((layer, options.retry_seconds))
        options.columns(made.columns)
        if isinstance(made.at, Exception):
            raise made.at
        return SimpleNamespace(edited_at=made.at)

    monkeypatch.setattr(loaders, "read_layer_info", read, raising=False)
    return made


def look(**run: Any) -> str:
    return str(call(skip_unless_edited(EPA), context_of("epa", "look_for_edits", **run)))


def test_a_layer_that_was_not_edited_skips_the_rest(edited: Any) -> None:
    context = context_of(
        "epa", events=[seen(source_edited_at=iso_utc(NOW))], after=("load", "release")
    )
    with pytest.raises(DownstreamTasksSkipped) as caught:
        call(skip_unless_edited(EPA), context)
    assert caught.value.tasks == ["load", "release"]
    assert pushed(context)["skipped_because"] == f"epa was not edited since {california_time(NOW)}"
    assert edited.asked == [(EPA.layers[0], load.SOURCE_RETRY_SECONDS)]


@pytest.mark.parametrize("task", ["look_for_edits", "look_for_changes", "load"])
def test_a_changed_column_is_reported_once_also_if_the_rest_is_skipped_or_fails(
    task: str, edited: Any, hashed: Any, loads: Any, slack: Slack
) -> None:
    def run() -> None:
        with suppress(DownstreamTasksSkipped, AirflowFailException):
            if task == "look_for_edits":
                look(events=[seen(source_edited_at=iso_utc(NOW))])
            elif task == "look_for_changes":
                compare([ALL_SEEN])
            else:
                call(load_layer(USACE), context_of("usace"))

    part = {"look_for_edits": "epa", "load": "usace"}.get(task, MALIBU.lists[0].name)
    noun = "list" if task == "look_for_changes" else "layer"
    loads.result = PermanentError("usace", "the layer has lost the required roe_status")
    run()
    assert slack.texts() == []
    for made in (edited, loads, hashed):
        made.columns = {"ROE_STATE": "text"}
    run()
    run()

    texts = [text for text in slack.texts() if f" {part}: " in text or f"`{part}: " in text]
    assert len(texts) == 1
    assert f"{part}: the {noun} lost PUBLICSTATUS; gained ROE_STATE (text)" in texts[0]


def test_an_edited_layer_is_loaded(edited: Any) -> None:
    before = [seen(source_edited_at="2026-11-23T00:00:00Z")]
    assert look(events=before) == f"epa was edited {california_time(NOW)}"
    edited.at = None
    assert look(events=before) == "epa was edited at an unknown time"


def test_a_reason_to_run_asks_the_service_nothing(edited: Any) -> None:
    before = [seen(source_edited_at=iso_utc(NOW))]
    assert look(events=before, tries=2) == "The task was cleared or retried"
    assert look(events=[]).startswith("There is no complete run")
    assert edited.asked == []


def test_a_layer_that_is_refused_for_good_fails_without_a_retry(edited: Any) -> None:
    edited.at = PermanentError("epa", "the layer is gone")
    with pytest.raises(AirflowFailException, match=r"^epa: the layer is gone"):
        look(events=[seen(source_edited_at="2026-11-23T00:00:00Z")])


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The hash of each list as it is served, by the list's reader; an error is raised."""
    made = SimpleNamespace(
        by_reader={part.reader: "abc" for part in MALIBU.lists},
        waits=[],
        columns={"PUBLICSTATUS": "text"},
    )

    def read(json_list: Any, origin: Origin, options: LoadOptions) -> Any:
        made.waits.append(options.retry_seconds)
        options.columns(made.columns)
        found = made.by_reader[json_list.reader]
        if isinstance(found, Exception):
            raise found
        return found

    monkeypatch.setattr(loaders, "hash_json_list", read, raising=False)
    return made


ALL_SEEN: dict[str, Any] = {
    "code": code_fingerprint(),
    "seen": {
        part.reader: {"source_edited_at": None, "loaded_at": RECENTLY, "content_hash": "abc"}
        for part in MALIBU.lists
    },
}


def compare(events: list[Any], **run: Any) -> str:
    return str(call(skip_unless_changed(MALIBU), context_of("malibu", events=events, **run)))


def test_lists_that_are_all_the_same_skip_the_rest(hashed: Any) -> None:
    context = context_of("malibu", events=[ALL_SEEN], after=("load_points",))
    with pytest.raises(DownstreamTasksSkipped) as caught:
        call(skip_unless_changed(MALIBU), context)
    assert caught.value.tasks == ["load_points"]
    said = pushed(context)["skipped_because"]
    assert said == "malibu has the same rows as at its last load"
    patience = min(load.CHECK_RETRY_SECONDS, load.SOURCE_RETRY_SECONDS)
    assert hashed.waits == [patience] * len(MALIBU.lists)


def test_one_changed_list_loads_every_list(hashed: Any) -> None:
    last = MALIBU.lists[-1]
    for now in ("other", None):
        hashed.by_reader[last.reader] = now
        assert compare([ALL_SEEN]) == f"{last.name} has changed"


def test_a_list_without_a_hash_then_and_now_has_changed(hashed: Any) -> None:
    last = MALIBU.lists[-1]
    seen = ALL_SEEN["seen"]
    without = {**seen[last.reader], "content_hash": None}
    hashed.by_reader[last.reader] = None
    event = {**ALL_SEEN, "seen": {**seen, last.reader: without}}
    assert compare([event]) == f"{last.name} has changed"


def test_a_list_that_cannot_be_read_is_loaded_so_that_its_task_says_why(hashed: Any) -> None:
    first = MALIBU.lists[0]
    hashed.by_reader[first.reader] = TransientError("malibu", "it does not answer")
    assert compare([ALL_SEEN]) == f"{first.name} cannot be compared (malibu: it does not answer.)"


def test_lists_are_not_compared_if_there_is_a_reason_to_load(hashed: Any) -> None:
    assert compare([ALL_SEEN], force_full_load=True) == "A full load was requested"
    old = {"code": code_fingerprint(), "seen": {
        reader: {**state, "loaded_at": LONG_AGO} for reader, state in ALL_SEEN["seen"].items()
    }}  # fmt: skip
    assert compare([old]) == "The last load is older than 20 hours"
    assert hashed.waits == []


def test_a_source_is_reached_where_its_connection_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "AIRFLOW_CONN_SOURCE_EPA",
        '{"conn_type": "http", "schema": "http", "host": "h", "port": 1, "password": "t",'
        ' "extra": {"ca_bundle": "x.pem"}}',
    )
    assert origin_of("epa") == Origin("http://h:1", "x.pem", "t")
    monkeypatch.setenv("AIRFLOW_CONN_SOURCE_EPA", '{"conn_type": "http"}')
    assert origin_of("epa") == Origin()


def test_without_a_connection_a_source_is_reached_at_its_declared_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(conn_id: str) -> Any:
        assert conn_id == "source_epa"
        raise AirflowNotFoundException(conn_id)

    monkeypatch.setattr(BaseHook, "get_connection", missing)
    assert origin_of("epa") == Origin()
