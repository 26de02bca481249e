"""What people read of a load: failures, reports and notes."""

from dataclasses import replace
from datetime import datetime

import pytest

from include import loaders
from include.loaders import LoadError, LoadReport
from include.loaders.report import Notes


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (LoadError("epa", "gone"), "epa: gone."),
        (LoadError("epa", "gone", "GET x"), "epa: gone. Request: GET x."),
        (LoadError("epa", "gone", "", "No"), "epa: gone. The service said: No."),
        (
            LoadError("epa", "gone", "GET x", "No"),
            "epa: gone. The service said: No. Request: GET x.",
        ),
    ],
)
def test_a_failure_is_described_in_sentences(error: LoadError, sentence: str) -> None:
    assert str(error) == sentence
    assert loaders.TransientError("epa", "busy").retry_after == 0


def test_a_report_has_its_times_as_text() -> None:
    began = datetime.fromisoformat("2025-08-22T01:00:00-07:00")
    report = LoadReport(
        *("epa", "RAW.S.T", "run 1", 3, 40, 5, 6.5, 2.5, None, began, "abc", "loaded"),
        notes=("one",),
    )

    assert report.as_dict() == {
        "source": "epa",
        "table": "RAW.S.T",
        "load_id": "run 1",
        "rows": 3,
        "bytes": 40,
        "requests": 5,
        "seconds": 6.5,
        "read_seconds": 2.5,
        "source_edited_at": None,
        "loaded_at": "2025-08-22T08:00:00Z",
        "content_hash": "abc",
        "outcome": "loaded",
        "reason": "",
        "notes": ["one"],
    }
    edited = replace(report, source_edited_at=began)
    assert edited.as_dict()["source_edited_at"] == "2025-08-22T08:00:00Z"


def test_notes_are_sorted_and_counted() -> None:
    notes = Notes()
    notes.add("shapes repaired: {count}", 1_000)
    notes.add("a field is new")
    notes.add("shapes repaired: {count}", 234)
    notes.add("never: {count}", 0)
    notes.add("once: {count}")

    assert notes.sentences() == ("a field is new", "once: 1", "shapes repaired: 1,234")
    notes.clear()
    assert notes.sentences() == ()
