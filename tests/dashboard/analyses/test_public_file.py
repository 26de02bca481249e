"""The public file's record: what the public saw of an incident, how often and how long."""

import inspect
import re
import runpy
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from include.dashboard.analyses import __main__ as command
from include.incidents.severity import Assessment, Impact, LastCheck, assess_task
from include.pipeline import monitor
from include.publishing import reconcile
from include.publishing.public_file import Fault, PublicFile
from tests.dashboard.analyses.conftest import NOW, Insert, Run

WRONG = "Wrong numbers, or none."
LATE = "A value that is out of date: water_restoration."
GOOD = "The last good values, checked Fri Nov 20, 9:00 AM PST."
START = datetime(2026, 11, 10, 8)  # noqa: DTZ001


def incident(
    name: str, sees: str, began: float, hours: float | None, error: str = "e"
) -> dict[str, object]:
    """An incident that began so many hours after the start; without hours it is open."""
    opened = START + timedelta(hours=began)
    closed = None if hours is None else str(opened + timedelta(hours=hours))
    return {
        "event_id": name,
        "event": "opened",
        "happened_at": closed or str(opened),
        "incident": name,
        "kind": "public-file",
        "severity": "low",
        "public_sees": sees,
        "error": error,
        "opened_at": str(opened),
        "closed_at": closed,
    }


def publication(version: str, began: float) -> dict[str, object]:
    """A publication of one metric, so many hours after the start."""
    at = str(START + timedelta(hours=began))
    return {"version": version, "published_at": at, "metric_name": "a", "metric_value": 1}


def test_incidents_are_counted_by_what_the_public_saw(insert: Insert, run: Run) -> None:
    insert("published_metrics", [publication("v1", 0), publication("v2", 5)])
    insert(
        "incident_log",
        [
            incident("a", WRONG, 1, 2),
            incident("b", LATE, 1, 4),
            incident("c", LATE, 20, 10),
            incident("d", GOOD, 1, 100, error="Nothing new is public: held by Ana."),
            incident("e", GOOD, 1, 3, error="Released metrics are not public since …"),
            incident("f", GOOD, 1, 50),
        ],
    )

    result = run("public_file")

    counted = result.table.set_index("public_saw")
    assert counted.incidents.to_dict() == {
        "wrong": 1, "late": 2, "behind": 1, "held": 1, "public saw the last good values": 1,
    }  # fmt: skip
    assert counted.hours["late"] == 14
    assert (counted.median_hours["late"], counted.longest_hours["late"]) == (7, 10)
    # From the first publication to now: ten days and half a day.
    assert counted.share_of_time["wrong"] == pytest.approx(2 / 252)
    assert "Since Nov 10, 2026: 2 publications, 6 incidents." in result.text
    assert "late: 2 times, 14.0 hours (5.6% of the time); the longest 10.0 hours." in result.text


def test_hours_in_which_two_were_open_count_once(insert: Insert, run: Run) -> None:
    rows = [incident("a", LATE, 0, 10), incident("b", LATE, 2, 3), incident("c", LATE, 8, 4)]
    insert("incident_log", rows)

    assert run("public_file").row("public_saw", "late")["hours"] == 12


def test_an_open_incident_counts_up_to_now(insert: Insert, run: Run) -> None:
    insert("incident_log", [incident("a", WRONG, 0, None)])

    result = run("public_file")

    row = result.row("public_saw", "wrong")
    assert (row["still_open"], row["hours"], row["share_of_time"]) == (1, 252, 1)
    assert "wrong: once, 1 still open, 252.0 hours" in result.text


def test_an_incident_has_its_newest_state_only(insert: Insert, run: Run) -> None:
    opened = {**incident("a", GOOD, 0, None), "event_id": "1"}
    insert("incident_log", [opened, {**incident("a", WRONG, 0, 6), "event_id": "2"}])

    result = run("public_file")

    assert result.row("public_saw", "wrong")["hours"] == 6
    assert result.row("public_saw", "public saw the last good values")["incidents"] == 0


def test_a_made_up_past_is_not_part_of_the_record(insert: Insert, run: Run) -> None:
    insert("published_metrics", [publication("made-up-001", -900), publication("v1", 0)])

    assert "Since Nov 10, 2026: 1 publication, 0 incidents." in run("public_file").text


def test_without_incidents_the_picture_says_so(run: Run) -> None:
    result = run("public_file")

    assert "wrong: never." in result.text
    assert "No incident since Nov 20, 2026." in str(result.drawn())


@pytest.fixture
def kind_of(run: Run) -> Any:
    """The analysis's function for what the public saw."""
    return runpy.run_path(str(command.FILES / "public_file.py"))["kind_of"]


def kinds(impact: Impact, assessments: list[Assessment], kind_of: Any) -> set[str]:
    return {kind_of(one.public_sees, "") for one in assessments if one.impact is impact}


def test_the_words_are_those_that_the_watch_writes_of_the_public_file(kind_of: Any) -> None:
    faults = ["missing", "unreachable", "altered", "not promoted", "earlier file", "invalid", "x"]
    found = PublicFile(
        tuple(Fault(key, "text") for key in faults), late={"water_restoration": "It is late."}
    )
    problems = monitor.public_file_problems(found, (), (), NOW)
    assessments = [one.assessment for one in problems]

    assert kinds(Impact.WRONG, assessments, kind_of) == {"wrong"}
    assert kinds(Impact.LATE, assessments, kind_of) == {"late"}


@pytest.mark.parametrize(
    ("kind", "changed", "impact", "expected"),
    [
        ("verification", {}, Impact.WRONG, "wrong"),
        ("load", {"wrong": ("It is altered.",)}, Impact.WRONG, "wrong"),
        ("load", {"late": {"cleanup_phase1_complete": "Late."}}, Impact.LATE, "late"),
        ("load", {}, Impact.NONE, "public saw the last good values"),
        ("load", {"not_yet": True}, Impact.NONE, "public saw the last good values"),
    ],
)
def test_the_words_are_those_that_are_written_of_a_failed_task(
    kind: str, changed: dict[str, Any], impact: Impact, expected: str, kind_of: Any
) -> None:
    now = datetime.now(UTC)
    check = LastCheck(now, metrics=("cleanup_phase1_complete",), **changed)
    assessment = assess_task("epa", "load", kind, check, now)

    assert assessment.impact is impact
    assert kind_of(assessment.public_sees, "") == expected


def test_the_words_are_those_of_what_lasts_in_publishing(kind_of: Any) -> None:
    written = re.findall(
        r'f"((?:Nothing new|Released metrics)[^"]*)"', inspect.getsource(reconcile)
    )

    assert sorted(kind_of("The last good values.", text) for text in written) == ["behind", "held"]


def test_before_the_first_incident_nothing_was_wrong(warehouse_connection: Any, run: Run) -> None:
    warehouse_connection.cursor().execute("drop table W.PUBLIC.incident_log")

    result = run("public_file")

    assert result.row("public_saw", "wrong")["incidents"] == 0
    assert "wrong: never." in result.text
    # "never" would read as if the public had never seen them.
    assert "No incident in which the public saw the last good values." in result.text
