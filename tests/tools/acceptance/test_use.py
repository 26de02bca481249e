"""The command's use, its report and its arithmetic, without an account."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from include.sources import SOURCES
from tools.acceptance import checks, cli, fivetran, report
from tools.acceptance.account import CONNECTIONS, Account, variable_of
from tools.acceptance.metering import Burst, bursts
from tools.acceptance.outcomes import NotPermittedError, Outcome, Status

AT = datetime(2026, 11, 29, 3, 5, tzinfo=UTC)
# The catalogue of statements names them.
IDS = (
    "logins", "session", "grants", "future_ownership", "fivetran_types", "load", "load_fails",
    "load_killed", "load_twice", "content_hash", "change_check", "dbt_build", "snapshots",
    "freshness", "unload", "unload_nothing", "history", "dashboard", "refusals", "monitor",
    "credits",
)  # fmt: skip


@pytest.fixture
def no_logins(monkeypatch: pytest.MonkeyPatch) -> None:
    for connection in (*CONNECTIONS.values(), "snowflake_auditor"):
        monkeypatch.delenv(variable_of(connection), raising=False)


def test_the_checks_have_these_ids() -> None:
    assert checks.IDS == IDS


def test_the_list_describes_every_check(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(IDS)
    assert all(len(line.split()) > 4 for line in lines)


@pytest.mark.usefixtures("no_logins")
@pytest.mark.parametrize(
    ("arguments", "variables", "text"),
    [
        (["--only", "laod"], {}, "There is no check laod; --list shows them all."),
        ([], {"DDRC_ENV": "PRD"}, "The acceptance runs in DEV only: set DDRC_ENV to DEV."),
        ([], {"DDRC_ENV": "TEST"}, "DDRC_ENV is 'TEST'; set it to one of DEV, PRD."),
        (
            ["--credits", "x' OR 1"],
            {},
            '"x\' OR 1" is not a token, eight hexadecimal digits.',
        ),
        (
            [],
            {},
            "There is no Snowflake connection in the environment: set at least"
            " AIRFLOW_CONN_SNOWFLAKE_LOADER, as docs/acceptance.md says.",
        ),
    ],
    ids=["an unknown check", "production", "an unknown environment", "no token", "no login"],
)
def test_wrong_use_is_one_sentence(
    arguments: list[str],
    variables: dict[str, str],
    text: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cli.main(arguments) == 2
    assert capsys.readouterr().err.strip() == text


def test_a_report_that_cannot_be_written_is_noticed_before_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SNOWFLAKE_LOADER", "{}")
    file = tmp_path / "missing" / "report.md"
    assert cli.main(["--report", str(file)]) == 2
    assert capsys.readouterr().err.strip() == f"The report cannot be written to {file}."


def test_a_check_runs_with_those_that_it_needs() -> None:
    assert [check.id for check in checks.chosen(["dashboard"])] == [
        "load",
        "dbt_build",
        "history",
        "dashboard",
    ]
    assert [check.id for check in checks.chosen([])] == list(IDS)


@pytest.mark.parametrize("role", list(CONNECTIONS))
def test_a_role_without_a_login_names_its_variable(role: str, no_logins: None) -> None:
    with pytest.raises(NotPermittedError) as missing:
        Account("test").run(role, "SELECT 1")
    assert f"set AIRFLOW_CONN_SNOWFLAKE_{role}, as" in str(missing.value)


def outcome(status: Status, detail: str = "Found.", queries: tuple[str, ...] = ()) -> Outcome:
    return Outcome("grants", "LOADER", status, detail, 1.25, queries)


def test_a_line_has_the_result_the_seconds_and_the_first_query_ids() -> None:
    passed = outcome(Status.PASS, queries=("01-a", "01-b", "01-c", "01-d"))
    assert report.line(passed).split() == [
        "PASS", "grants", "LOADER", "1.2", "s", "01-a", "01-b", "and", "2", "more",
    ]  # fmt: skip


@pytest.mark.parametrize("status", [Status.FAIL, Status.NOT_PERMITTED])
def test_the_line_of_what_did_not_pass_has_the_reason(status: Status) -> None:
    assert report.line(outcome(status)).splitlines()[1].strip() == "Found."


def test_the_report_has_every_query_id_and_masks_secrets() -> None:
    failed = outcome(Status.FAIL, "a | b\nprivate_key=MIIEvQIBADAN", ("01-a", "01-b", "01-c"))
    text = report.markdown("0ACCE970", "DEV", AT, [failed], ["it has password=hunter22"])
    assert "# Acceptance 0ACCE970 of DEV, 2026-11-29 03:05 UTC" in text
    assert "0 PASS, 1 FAIL, 0 NOT PERMITTED." in text
    assert "| FAIL | grants LOADER | 1.2 | a \\| b<br>private_key=*** |" in text
    assert "- it has password=***" in text
    assert "- grants LOADER: 01-a, 01-b, 01-c" in text


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def statement(compute: str, start: float, end: float) -> tuple[str, int, int]:
    at = [milliseconds(AT + timedelta(seconds=seconds)) for seconds in (start, end)]
    return compute, at[0], at[1]


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ([("L", 0, 5)], [("L", 0, 5, 1)]),
        ([("L", 0, 5), ("L", 95, 96)], [("L", 0, 96, 2)]),
        ([("L", 0, 5), ("L", 95.001, 96)], [("L", 0, 5, 1), ("L", 95.001, 96, 1)]),
        ([("L", 0, 50), ("T", 1, 2), ("L", 3, 4)], [("L", 0, 50, 2), ("T", 1, 2, 1)]),
    ],
    ids=["one", "before it suspends", "after it has", "two warehouses"],
)
def test_statements_are_one_burst_until_the_warehouse_can_suspend(
    statements: list[tuple[str, float, float]], found: list[tuple[str, float, float, int]]
) -> None:
    wanted = [
        Burst(name, AT + timedelta(seconds=start), AT + timedelta(seconds=end), count)
        for name, start, end, count in found
    ]
    assert list(bursts([statement(*each) for each in statements])) == wanted


def test_the_types_are_checked_for_every_source_of_fivetran() -> None:
    assert set(fivetran.TYPES) == {name for name, source in SOURCES.items() if source.is_synced}
    for name in fivetran.TYPES:
        [connector] = SOURCES[name].connectors
        assert connector.key.upper() in fivetran.TYPES[name]
