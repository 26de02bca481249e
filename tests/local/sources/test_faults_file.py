"""The file of the sources' faults."""

from pathlib import Path

import pytest

from local.faults import FAULTS, UnknownFaultError, clear_faults, fault_of, set_fault


def test_a_fault_is_of_one_source_only(tmp_path: Path) -> None:
    file = tmp_path / "home" / "faults.json"
    set_fault(file, "usace", "error-200")
    set_fault(file, "airtable", "stuck")
    set_fault(file, "usace", "slow")

    assert fault_of(file, "usace") == "slow"
    assert fault_of(file, "airtable") == "stuck"
    assert fault_of(file, "epa") is None


def test_clearing_removes_every_fault(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    set_fault(file, "epa", "empty")
    clear_faults(file)

    assert [fault_of(file, source) for source in FAULTS] == [None] * len(FAULTS)


def test_a_missing_file_means_no_faults(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "none.json", "epa") is None


@pytest.mark.parametrize(
    ("source", "fault", "valid"),
    [
        ("epaa", "slow", "page_feedback"),
        ("epa", "stuck", "rename-columns"),
        ("airtable", "empty", "sync-failed"),
    ],
)
def test_an_unknown_source_or_fault_is_refused_with_the_valid_ones(
    tmp_path: Path, source: str, fault: str, valid: str
) -> None:
    file = tmp_path / "faults.json"
    set_fault(file, "usace", "slow")

    with pytest.raises(UnknownFaultError, match=valid):
        set_fault(file, source, fault)
    assert fault_of(file, "usace") == "slow"


@pytest.mark.parametrize("content", ["[]", "{", '{"epa": "stuck"}'])
def test_a_malformed_file_is_an_error(tmp_path: Path, content: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UnknownFaultError):
        fault_of(file, "epa")
    clear_faults(file)
    assert fault_of(file, "epa") is None


def test_setting_a_fault_leaves_no_temporary_file(tmp_path: Path) -> None:
    set_fault(tmp_path / "faults.json", "epa", "slow")

    assert [path.name for path in tmp_path.iterdir()] == ["faults.json"]
