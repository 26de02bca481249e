"""The whole command against the laptop's cloud: it passes, reports and leaves nothing."""

import os
import signal
from pathlib import Path

import pytest

from include.publishing.azure_store import AzureStore
from include.publishing.names import CANDIDATES_CONTAINER
from local.azurite import client
from local.cloud import Cloud
from tests.tools.acceptance.conftest import RAW, TOKEN, Run, login
from tools.acceptance import checks, cli, metering
from tools.acceptance.account import Account
from tools.acceptance.outcomes import NotPermittedError, Outcome, Status
from tools.acceptance.trial import Trial, a_trial, clean


def lines(run: Run) -> dict[str, str]:
    """Each check's result by its name, from the report."""
    rows = [row.split(" | ") for row in run.report.splitlines() if row.startswith("| ")]
    return {name: result.removeprefix("| ") for result, name, *_ in rows[1:]}


def left_in_account(cloud: Cloud) -> list[str]:
    """What the account has of the run."""
    account = Account("test")
    try:
        schemas = [
            row["name"]
            for role, database in (
                ("FIVETRAN", RAW),
                ("TRANSFORMER", "TRANSFORM_DDRC_DEV"),
                ("TRANSFORMER", "ANALYTICS_DDRC_DEV"),
            )
            for row in account.table(role, f"SHOW SCHEMAS IN DATABASE {database}")
        ]
        tables = account.run("LOADER", f"SELECT TABLE_NAME FROM {RAW}.INFORMATION_SCHEMA.TABLES")
        logged = [
            name
            for table in ("LOAD_LOG", "LOAD_LOCKS")
            for (name,) in account.run("LOADER", f"SELECT TABLE_NAME FROM {RAW}.LOADING.{table}")
        ]
    finally:
        account.close()
    service = client(cloud.url("blob"))
    files = AzureStore(service).list(CANDIDATES_CONTAINER)
    service.close()
    found = [*schemas, *(name for (name,) in tables), *logged, *files]
    return [name for name in found if TOKEN in name]


def test_every_check_passes_but_the_credits_which_come_later(whole: Run) -> None:
    results = lines(whole)
    assert {name: result for name, result in results.items() if result != "PASS"} == {
        "credits": "NOT PERMITTED"
    }
    assert {name.split()[0] for name in results} == set(checks.IDS)
    assert whole.code == 0


def test_each_check_has_a_line_with_its_seconds_and_query_ids(whole: Run) -> None:
    [line] = [one for one in whole.output.splitlines() if one.startswith("PASS          load  ")]
    assert pytest.approx(0, abs=600) == float(line.split()[2])
    assert len(line.split()[4].split("-")) == 5
    assert f"- load: {line.split()[4]}" in whole.report


def test_the_report_has_no_secret(whole: Run, cloud: Cloud) -> None:
    key = cloud.credentials.private_key
    assert key[:20] not in whole.report + whole.output
    assert "PRIVATE KEY" not in whole.report + whole.output


def test_a_run_leaves_nothing(whole: Run, cloud: Cloud) -> None:
    assert "Everything that the run made is removed." in whole.report
    assert left_in_account(cloud) == []


def test_the_credits_of_a_run_are_read_later_by_burst(
    whole: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "print", print, raising=False)
    assert cli.main(["--credits", TOKEN]) == 0
    printed = capsys.readouterr().out
    for compute in ("LOADING", "TRANSFORMING", "REPORTING"):
        assert f"{compute}_XS_DDRC_DEV from " in printed
    assert " hours were metered at " in printed


def test_the_credits_of_an_unknown_run_fail(whole: Run, capfd_module: object) -> None:
    assert cli.main(["--credits", "00000000"]) == 1


def test_a_role_that_may_not_read_the_usage_is_not_permitted(
    whole: Run, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = login(cloud, "READER_DDRC_DEV", "PROVISIONER", "REPORTING")
    monkeypatch.setenv("AIRFLOW_CONN_SNOWFLAKE_AUDITOR", reader)
    with pytest.raises(NotPermittedError, match=r"may not read SNOWFLAKE\.ACCOUNT_USAGE"):
        metering.read_bursts(Account("test"), TOKEN)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_removes_what_it_made(
    number: signal.Signals,
    whole: Run,
    cloud: Cloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*_: object) -> str:
        os.kill(os.getpid(), number)
        return "never"

    loaded = checks.Check("load", checks.CHECKS[checks.IDS.index("load")].run)
    stopped = checks.Check("history", stop)
    monkeypatch.setattr(checks, "chosen", lambda _: [loaded, stopped])
    file = tmp_path / "report.md"
    assert cli.main(["--report", str(file)]) == 1
    assert f"The run was stopped by {number.name} before its end." in file.read_text()
    assert "| PASS | load |" in file.read_text()
    assert left_in_account(cloud) == []


def test_clean_removes_what_a_killed_run_has_left(whole: Run, cloud: Cloud) -> None:
    with a_trial(TOKEN) as trial:
        for outcome in checks.run_checks(trial, checks.chosen(["future_ownership", "load"])):
            assert outcome.status is Status.PASS
    assert left_in_account(cloud) != []
    assert cli.main(["--clean"]) == 0
    assert left_in_account(cloud) == []


def test_what_cannot_be_removed_is_named(
    whole: Run, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> list[str]:
        return ["ProgrammingError: 003001 (42501): token=abcdef123456"]

    monkeypatch.setattr(cli, "clean", refused)
    monkeypatch.setattr(checks, "chosen", lambda _: [])
    file = tmp_path / "report.md"
    assert cli.main(["--report", str(file)]) == 1
    assert "Not removed:\n\n- ProgrammingError: 003001 (42501): token=***" in file.read_text()


@pytest.mark.parametrize("role", ["FIVETRAN", "DASHBOARD"])
def test_a_role_without_a_login_is_not_permitted_everywhere(
    role: str, whole: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_SNOWFLAKE_{role}")
    uses = {"FIVETRAN": ("change_check", ""), "DASHBOARD": ("dashboard", "")}
    with a_trial(TOKEN) as trial:
        found = [
            checks.run_check(trial, checks.CHECKS[checks.IDS.index(name)], subject)
            for name, subject in (("logins", role), ("grants", role), uses[role])
        ]
        left = clean(trial.account, trial.prefix, trial.candidates)
    assert {one.status for one in found} == {Status.NOT_PERMITTED}
    for one in found:
        assert f"set AIRFLOW_CONN_SNOWFLAKE_{role}" in one.detail
    assert left == []


def test_a_check_that_needs_a_failed_one_is_not_tried(whole: Run, tmp_path: Path) -> None:
    trial = Trial(TOKEN, Account("test"), tmp_path)
    for status in (Status.FAIL, Status.NOT_PERMITTED):
        trial.outcomes["dbt_build"] = Outcome("dbt_build", "", status, "", 0.0)
        check = checks.CHECKS[checks.IDS.index("unload")]
        found = checks.run_check(trial, check, "")
        assert (found.status, found.detail) == (
            status,
            "It was not tried, because dbt_build did not pass.",
        )
