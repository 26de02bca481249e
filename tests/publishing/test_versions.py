"""A version's metadata, and an audited candidate on its way from one task to the next."""

import json
from datetime import UTC, datetime

import pytest

from include.publishing.differences import Difference
from include.publishing.store import MalformedCandidateError, Place, Store
from include.publishing.versions import (
    AuditedCandidate,
    Version,
    choices,
    choices_as_markdown,
    find_version,
    version_name,
)
from tests.publishing.samples import NOW, file, metric, publish

VERSION = Version("20261124T150000Z-abc", "f" * 64, run="manual 1", audit="b: 9 → 7 (fell)")
CANDIDATE = AuditedCandidate(
    "ddrc_metrics/run.json",
    VERSION,
    replacing='"0x8D"',
    differences=(Difference("b", 9.0, 7.0, "fell"), Difference("a", None, 2.0)),
)
FIRST = AuditedCandidate("ddrc_metrics/run.json", VERSION, replacing=None, differences=())


def without(*keys: str) -> dict[str, object]:
    return {name: value for name, value in CANDIDATE.as_dict().items() if name not in keys}


@pytest.mark.parametrize("candidate", [CANDIDATE, FIRST])
def test_a_candidate_is_the_same_after_an_xcom_and_after_a_runs_conf(
    candidate: AuditedCandidate,
) -> None:
    sent = json.dumps(candidate.as_dict())
    assert AuditedCandidate.from_dict(json.loads(sent)) == candidate
    assert AuditedCandidate.from_json(sent) == candidate


def test_a_candidate_knows_its_file_and_its_suspicious_differences() -> None:
    assert CANDIDATE.place == Place("candidates", "ddrc_metrics/run.json")
    assert [str(difference) for difference in CANDIDATE.suspicious] == ["b: 9 → 7 (fell)"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (None, "the value"),
        ({}, "path: Field required"),
        (without("version"), "version: Field required"),
        (without("replacing"), "replacing: Field required"),
        (without() | {"differences": [{"metric": "a"}]}, "differences.0.before: Field required"),
        (without() | {"version": {"version": "v1"}}, "version.sha256: Field required"),
    ],
)
def test_a_malformed_candidate_is_one_error_that_names_the_problem(
    value: object, problem: str
) -> None:
    with pytest.raises(MalformedCandidateError, match=problem):
        AuditedCandidate.from_dict(value)
    with pytest.raises(MalformedCandidateError, match=problem):
        AuditedCandidate.from_json(json.dumps(value))


def test_a_text_that_is_not_json_is_not_a_candidate() -> None:
    with pytest.raises(MalformedCandidateError, match="Invalid JSON"):
        AuditedCandidate.from_json("")


def test_a_version_is_read_from_complete_metadata_only() -> None:
    metadata = VERSION.as_metadata()
    assert Version.from_metadata(metadata) == VERSION
    assert Version.from_metadata({**metadata, "another": "x"}) == VERSION
    assert Version.from_metadata({"version": "v1"}) is None


def test_long_notes_are_cut_and_hashes_are_not() -> None:
    long = Version("v1", "f" * 64, run="r" * 2_000, audit="a" * 2_000, reason="b" * 2_000)
    lengths = {name: len(value) for name, value in long.as_metadata().items()}
    assert lengths == {
        "version": 2, "sha256": 64, "run": 2_000, "audit": 1_000, "decided_by": 0, "reason": 1_000,
    }  # fmt: skip


def test_versions_sort_by_time() -> None:
    names = [version_name(datetime(2026, 11, day, tzinfo=UTC), "f" * 64) for day in (9, 24)]
    assert names == sorted(names)


def test_the_choices_of_a_restore_are_the_saved_versions_without_the_served_one(
    store: Store,
) -> None:
    many = [metric(f"m{number}", number) for number in range(8)]
    publish(store, file(metric("a", 1)), "v1", run="manual 1")
    publish(store, file(metric("a", 2), *many), "v2", run="")
    publish(store, file(metric("a", 3), *many), "v3")
    assert choices(store) == ["v2 by hand", "v1 by manual 1"]
    table = choices_as_markdown(store, NOW).splitlines()[2:]
    assert table[0] == "| v2 |  | valid | a: 3 → 2 |"
    assert table[1].startswith("| v1 | manual 1 | valid | a: 3 → 1; ")
    assert table[1].endswith("and 3 more |")
    assert find_version(store, "v1") is not None
    assert find_version(store, "v3") is None
