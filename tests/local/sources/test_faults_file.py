"""The file that says which source is broken."""

from pathlib import Path

import pytest

from local.faults import FAULTS, UnknownFaultError, clear_faults, fault_of, set_fault


def test_a_fault_is_read_back_and_leaves_the_other_sources_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "faults.json"
    set_fault(file, "usace", "error-200")
    set_fault(file, "airtable", "stuck")
    set_fault(file, "usace", "slow")

    assert fault_of(file, "usace") == "slow"
    assert fault_of(file, "airtable") == "stuck"
    assert fault_of(file, "epa") is None


def test_clearing_mends_every_source(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    set_fault(file, "epa", "empty")
    clear_faults(file)

    assert [fault_of(file, source) for source in FAULTS] == [None] * len(FAULTS)


def test_a_file_that_is_not_there_breaks_nothing(tmp_path: Path) -> None:
    assert fault_of(tmp_path / "none.json", "epa") is None


@pytest.mark.parametrize(
    ("source", "fault", "told"),
    [
        ("epaa", "slow", "page_feedback"),
        ("epa", "stuck", "rename-columns"),
        ("airtable", "empty", "sync-failed"),
    ],
)
def test_an_unknown_source_or_fault_is_refused_with_what_is_valid(
    tmp_path: Path, source: str, fault: str, told: str
) -> None:
    file = tmp_path / "faults.json"
    set_fault(file, "usace", "slow")

    with pytest.raises(UnknownFaultError, match=told):
        set_fault(file, source, fault)
    assert fault_of(file, "usace") == "slow"


@pytest.mark.parametrize("content", ["[]", "{", '{"epa": "stuck"}'])
def test_a_file_that_somebody_spoilt_is_an_error_of_its_own(tmp_path: Path, content: str) -> None:
    file = tmp_path / "faults.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(UnknownFaultError):
        fault_of(file, "epa")
    clear_faults(file)
    assert fault_of(file, "epa") is None


def test_setting_a_fault_leaves_no_other_file_behind(tmp_path: Path) -> None:
    set_fault(tmp_path / "faults.json", "epa", "slow")

    assert [path.name for path in tmp_path.iterdir()] == ["faults.json"]
