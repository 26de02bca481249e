"""The whole assessment for each state of the public file: severity, sentences, metrics."""

import pytest

from include.incidents import severity
from include.incidents.alert_types import ALERT_TYPES, AlertType
from include.incidents.severity import Assessment, affected_metrics, assess_severity
from include.publishing.public_file import PublicFile
from include.publishing.versions import Version
from include.transform_project import metric_definitions

LOAD, RELEASE = ALERT_TYPES["load"], ALERT_TYPES["release"]
METRICS = tuple(f"m{number}" for number in range(9))
COMPUTED = {"usace": METRICS, "epa": ("e1",)}
VERSION = Version("20261124T220000Z", "0" * 64, "run 7", "valid")
UNCHECKED = "The public file could not be checked: the storage account does not answer."


@pytest.fixture(autouse=True)
def computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(severity, "computed_metrics", lambda: COMPUTED)


def late(*names: str) -> dict[str, str]:
    """A sentence for each of these metrics."""
    return {name: f"{name} is too old." for name in names}


@pytest.mark.parametrize(
    ("alert_type", "public_file", "expected"),
    [
        (
            LOAD,
            None,
            Assessment(
                "low",
                f"{UNCHECKED} This step cannot change the file.",
                "Most likely the last good values.",
            ),
        ),
        (
            RELEASE,
            None,
            Assessment("high", f"{UNCHECKED} This step may have changed the file.", "Unknown."),
        ),
        (
            RELEASE,
            PublicFile(("It is missing.",), not_yet=True),
            Assessment(
                "low",
                "Nothing has been published yet, so nothing wrong is public.",
                "No file yet.",
                METRICS,
            ),
        ),
        (
            LOAD,
            PublicFile(("It is altered.", "It is invalid."), late("m0"), METRICS, VERSION),
            Assessment("high", "It is altered.", "Wrong data, or no data.", METRICS),
        ),
        (
            LOAD,
            PublicFile((), late("m2", "m1", "e1"), METRICS, VERSION),
            Assessment("high", "m1 is too old.", "Values that are out of date: m1, m2.", METRICS),
        ),
        (
            LOAD,
            PublicFile((), late(*METRICS), METRICS, VERSION),
            Assessment(
                "high",
                "m0 is too old.",
                "Values that are out of date: m0, m1, m2, m3, m4, m5 and 3 more.",
                METRICS,
            ),
        ),
        (
            LOAD,
            PublicFile((), late("e1"), METRICS, VERSION),
            Assessment(
                "low",
                "The last good version is still served; this step cannot change it.",
                "The last good values: version 20261124T220000Z, promoted by run run 7.",
                METRICS,
            ),
        ),
        (
            RELEASE,
            PublicFile((), {}, METRICS, Version("v1", "0" * 64, "", "valid")),
            Assessment(
                "low",
                "The last good version is still served; it was checked after the failure.",
                "The last good values: version v1.",
                METRICS,
            ),
        ),
        (
            LOAD,
            PublicFile((), {}, METRICS),
            Assessment(
                "low",
                "The last good version is still served; this step cannot change it.",
                "The last good values: version unknown.",
                METRICS,
            ),
        ),
    ],
    ids=[
        "not checked, by a step that cannot change it",
        "not checked, by a step that may change it",
        "not published yet",
        "wrong and late",
        "two values late",
        "all values late",
        "only another source's values late",
        "a version without a run",
        "no known version",
    ],
)
def test_a_failure_is_assessed_by_the_public_file(
    alert_type: AlertType, public_file: PublicFile | None, expected: Assessment
) -> None:
    found = assess_severity("usace", "load", alert_type, public_file)

    assert found == expected
    assert found.is_high is (expected.severity == "high")


@pytest.mark.parametrize(
    ("dag", "task", "affected"),
    [
        ("usace", "load", METRICS),
        ("check_freshness", "epa", ("e1",)),
        ("check_freshness", "airtable", ("typed",)),
        ("epa", "usace", ("e1",)),
        ("airtable", "sync", ("typed",)),
        ("page_feedback", "sync", ()),
        ("publish_metrics", "audit", ("m1", "e1", "typed")),
        ("malibu", "load_points", ("m1", "e1", "typed")),
    ],
)
def test_the_affected_metrics_come_from_the_failed_source(
    dag: str, task: str, affected: tuple[str, ...]
) -> None:
    assert affected_metrics(dag, task, ("m1", "e1", "typed"), COMPUTED) == affected


def test_the_computed_metrics_of_each_source_are_those_of_its_mart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    defined = metric_definitions()

    found = severity.computed_metrics()

    assert "phase2_parcels_completed" in found["usace"]
    assert found == {
        source: tuple(metric.name for metric in metrics) for source, metrics in defined.items()
    }
