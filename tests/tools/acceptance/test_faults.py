"""Each check fails by a fault: in the account, or in an answer between it and the tool."""

import json
import shutil
from collections.abc import Callable
from importlib import import_module
from threading import Event
from typing import Any

import pytest

from include.dashboard.queries import read
from include.loaders.load import Load
from include.publishing.names import CANDIDATES_CONTAINER, candidate_file
from local.azurite import client
from tests.tools.acceptance.conftest import RAW, Prepared, login
from tools.acceptance import builds, checks, loads, unloads
from tools.acceptance.account import CONNECTIONS, variable_of
from tools.acceptance.outcomes import Status
from tools.acceptance.recording import RecordedCursor

# The package has functions of the same names.
SYNC = import_module("include.pipeline.sync")
UNLOAD = import_module("include.pipeline.unload")
Fault = Callable[[Prepared], None]
Rewrite = Callable[[str], str | None]
TRANSFORM, ANALYTICS = "TRANSFORM_DDRC_DEV", "ANALYTICS_DDRC_DEV"
OLD_ROLE = "TRANSFORM_DDRC_DEV_READWRITECONTROL"
METRICS_TABLE = f"{RAW}.ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G.METRICS"


def another_role(run: Prepared) -> None:
    user = "AIRFLOW_REPORTER_DDRC_DEV"
    connection = login(run.cloud, "LOADER_DDRC_DEV", user, "TRANSFORMING")
    run.patch.setenv(variable_of(CONNECTIONS["REPORTER"]), connection)
    run.trial.account.close()


def another_user(run: Prepared) -> None:
    connection = login(run.cloud, "REPORTER_DDRC_DEV", "PROVISIONER", "TRANSFORMING")
    run.patch.setenv(variable_of(CONNECTIONS["REPORTER"]), connection)
    run.trial.account.close()


def another_warehouse(run: Prepared) -> None:
    user = "AIRFLOW_REPORTER_DDRC_DEV"
    connection = login(run.cloud, "REPORTER_DDRC_DEV", user, "REPORTING")
    run.patch.setenv(variable_of(CONNECTIONS["REPORTER"]), connection)
    run.trial.account.close()


def in_account(statement: str, undo: str) -> Fault:
    """A change of the account."""
    return lambda run: run.sql(statement, undo)


def user(setting: str, value: str, before: str) -> Fault:
    """REPORTER's user with another parameter."""
    alter = "ALTER USER AIRFLOW_REPORTER_DDRC_DEV SET"
    return in_account(f"{alter} {setting} = {value}", f"{alter} {setting} = {before}")


def grant(privilege: str, to: str) -> Fault:
    return in_account(f"GRANT {privilege} TO ROLE {to}", f"REVOKE {privilege} FROM ROLE {to}")


def revoke(privilege: str, of: str) -> Fault:
    return in_account(f"REVOKE {privilege} FROM ROLE {of}", f"GRANT {privilege} TO ROLE {of}")


def future_owner(of: str) -> Fault:
    """The earlier project's role owns what is new."""

    def fault(run: Prepared) -> None:
        run.sql(f"CREATE ROLE IF NOT EXISTS {OLD_ROLE}", "SELECT 1")
        prefix = run.trial.prefix
        for database in (RAW, TRANSFORM, ANALYTICS):
            run.sql("SELECT 1", f"DROP SCHEMA IF EXISTS {database}.{prefix}_OWNERS")
        run.sql("SELECT 1", f"DROP TABLE IF EXISTS {RAW}.LOADING.{prefix}_OWNERS")
        grant(f"OWNERSHIP ON FUTURE {of}", OLD_ROLE)(run)

    return fault


def wrong_type(run: Prepared) -> None:
    alter = f"ALTER TABLE {METRICS_TABLE}"
    run.sql(f"{alter} RENAME COLUMN METRIC TO OLD_METRIC", "SELECT 1")
    run.sql(f"{alter} ADD COLUMN METRIC BOOLEAN", f"{alter} DROP COLUMN METRIC")
    run.undo.push(lambda *_: None)


def statements(rewrite: Rewrite) -> Fault:
    """Each statement is rewritten before it is sent; `None` answers it without the account."""

    def fault(run: Prepared) -> None:
        execute = RecordedCursor.execute

        def rewritten(self: RecordedCursor, sql: str, *rest: Any, **options: Any) -> Any:
            if (new := rewrite(sql)) is None:
                return execute(self, "SELECT 1")
            return execute(self, new, *rest, **options)

        run.patch.setattr(RecordedCursor, "execute", rewritten)

    return fault


def swallow(*beginnings: str) -> Fault:
    """Statements that begin so are lost, and their answer is a success."""
    return statements(lambda sql: None if sql.startswith(beginnings) else sql)


def answers(change: Callable[[Any], Any]) -> Fault:
    """Each value of an answer is changed."""

    def fault(run: Prepared) -> None:
        def fetchall(self: RecordedCursor) -> list[tuple[Any, ...]]:
            rows = self._cursor.fetchall()
            return [tuple(change(value) for value in row) for row in rows]

        run.patch.setattr(RecordedCursor, "fetchall", fetchall, raising=False)

    return fault


def without_microseconds(value: Any) -> Any:
    return value.replace(microsecond=0) if hasattr(value, "microsecond") else value


def as_text(value: Any) -> Any:
    """Binary as it is read without BINARY_AS_TEXT = FALSE."""
    return bytes(value).decode(errors="replace") if isinstance(value, bytearray) else value


def as_float(value: Any) -> Any:
    big = isinstance(value, int) and abs(value) > 2**53
    return int(float(value)) if big else value


def killed_too_late(run: Prepared) -> None:
    """COMMIT has been carried out when the process dies."""
    run.patch.setattr(loads, "LAST_STATEMENT", "DROP TABLE IF EXISTS")


def no_transactions(run: Prepared) -> None:
    """BEGIN is lost, and a reader reads between the DELETE and the INSERT."""
    execute, has_read = RecordedCursor.execute, Event()

    def autocommitted(self: RecordedCursor, sql: str, *rest: Any, **options: Any) -> Any:
        if sql.startswith(f"INSERT INTO {run.trial.raw_name}"):
            has_read.clear()
            has_read.wait(20)
        found = execute(self, "SELECT 1" if sql.startswith("BEGIN") else sql, *rest, **options)
        if "GROUP BY _LOAD_ID" in sql:
            has_read.set()
        return found

    run.patch.setattr(RecordedCursor, "execute", autocommitted)


def never_unchanged(run: Prepared) -> None:
    run.patch.setattr(Load, "_is_unchanged", lambda self: False)


def hash_of(expression: str) -> Fault:
    def fault(run: Prepared) -> None:
        run.patch.setattr(SYNC, "ROWS_HASH", f"SELECT COUNT(*), {expression} FROM {{}}")

    return fault


def snapshots_do_nothing(run: Prepared) -> None:
    run.patch.setattr(builds, "_dbt", lambda *_, **__: {})


def no_unit_tests(run: Prepared) -> None:
    run.patch.setattr(builds, "_dbt", lambda *_: {"pasadena_metrics": ("model", "success")})


def always_now(run: Prepared) -> None:
    """The load's time is lost on the way."""
    restore = loads.restore_rows
    run.patch.setattr(loads, "restore_rows", lambda trial, **_: restore(trial))


def candidate(change: Callable[[bytes], bytes], **headers: str) -> Fault:
    """The stage writes another file than was asked of it."""

    def fault(run: Prepared) -> None:
        from azure.storage.blob import ContentSettings

        unload = unloads._run

        def changed(trial: Any, model: str) -> Any:
            result = unload(trial, model)
            service = client(run.cloud.url("blob"))
            path = candidate_file(model, trial.prefix)
            blob = service.get_blob_client(CANDIDATES_CONTAINER, path)
            content = change(blob.download_blob().readall())
            kinds = {"content_type": "application/octet-stream", **headers}
            blob.upload_blob(content, overwrite=True, content_settings=ContentSettings(**kinds))
            service.close()
            return result

        run.patch.setattr(unloads, "_run", changed)

    return fault


def rewritten(change: Callable[[list[dict[str, Any]]], Any]) -> Fault:
    """The candidate's metrics are changed."""
    return candidate(lambda content: json.dumps(change(json.loads(content))).encode() + b"\n")


def numbers_as_strings(metrics: list[dict[str, Any]]) -> object:
    return [{**each, "METRIC_VALUE": str(each["METRIC_VALUE"])} for each in metrics]


def lower_keys(metrics: list[dict[str, Any]]) -> object:
    return [{key.lower(): value for key, value in each.items()} for each in metrics]


def without_zone(metrics: list[dict[str, Any]]) -> object:
    return [{**each, "LAST_UPDATED": each["LAST_UPDATED"].rstrip("Z")} for each in metrics]


def another_name(run: Prepared) -> None:
    """The stage adds what it adds to the files of an unload that is not SINGLE."""
    run.patch.setattr(unloads, "candidate_file", lambda model, run_id: f"{model}/{run_id}_0.json")


def sql_of_unload(old: str, new: str) -> Fault:
    def fault(run: Prepared) -> None:
        sql = (UNLOAD.SQL / "unload_metrics.sql").read_text()
        assert old in sql
        folder = run.trial.folder / "changed_unload"
        folder.mkdir(exist_ok=True)
        (folder / "unload_metrics.sql").write_text(sql.replace(old, new))
        run.patch.setattr(UNLOAD, "SQL", folder)

    return fault


def rows_are_not_counted(run: Prepared) -> None:
    """Nothing looks at the mart before the unload."""
    operator = UNLOAD.UnloadOperator
    run.patch.setattr(operator, "_need_rows", lambda self: None)


def sessions_zone(run: Prepared) -> None:
    """A query converts from the session's zone, not from UTC."""
    folder = run.trial.folder / "changed_queries"
    shutil.copytree(read.SQL, folder, dirs_exist_ok=True)
    file = folder / "published_by_day.sql"
    text = file.read_text()
    assert "convert_timezone('UTC', 'America/Los_Angeles', published_at)" in text
    file.write_text(text.replace("convert_timezone('UTC', ", "convert_timezone("))
    run.patch.setattr(read, "SQL", folder)


def reads_raw(run: Prepared) -> None:
    for privilege in (
        f"USAGE ON DATABASE {RAW}",
        f"USAGE ON SCHEMA {RAW}.LOADING",
        f"SELECT ON FUTURE TABLES IN SCHEMA {RAW}.LOADING",
    ):
        grant(privilege, "REPORTER_DDRC_DEV")(run)


FAULTS: list[tuple[str, str, str, Fault, str]] = [
    ("logins", "REPORTER", "another user's role", another_role, "not granted to this user"),
    ("logins", "REPORTER", "another user", another_user, "Terraform's user is AIRFLOW_REPORTER"),
    (
        "session",
        "REPORTER",
        "a user with another time zone",
        user("TIMEZONE", "'America/Los_Angeles'", "'UTC'"),
        "TIMEZONE is America/Los_Angeles, not UTC",
    ),
    (
        "session",
        "REPORTER",
        "a user that may unload to internal stages",
        user("PREVENT_UNLOAD_TO_INTERNAL_STAGES", "FALSE", "TRUE"),
        "PREVENT_UNLOAD_TO_INTERNAL_STAGES is false, not true",
    ),
    (
        "session",
        "REPORTER",
        "a connection with another warehouse",
        another_warehouse,
        "the warehouse is None, not TRANSFORMING_XS_DDRC_DEV",
    ),
    (
        "grants",
        "REPORTER",
        "a grant that was revoked",
        revoke("USAGE ON WAREHOUSE TRANSFORMING_XS_DDRC_DEV", "REPORTER_DDRC_DEV"),
        "REPORTER_DDRC_DEV lacks USAGE on warehouse TRANSFORMING_XS_DDRC_DEV",
    ),
    (
        "grants",
        "REPORTER",
        "a grant of an access role that was revoked",
        revoke(f"USAGE ON DATABASE {ANALYTICS}", "ANALYTICS_DDRC_DEV_READ"),
        "ANALYTICS_DDRC_DEV_READ lacks USAGE on database ANALYTICS_DDRC_DEV",
    ),
    (
        "grants",
        "REPORTER",
        "a grant too many",
        grant(f"CREATE SCHEMA ON DATABASE {ANALYTICS}", "REPORTER_DDRC_DEV"),
        "REPORTER_DDRC_DEV has CREATE SCHEMA on database ANALYTICS_DDRC_DEV, which is not in",
    ),
    (
        "grants",
        "REPORTER",
        "an object that everyone may use",
        grant(f"USAGE ON DATABASE {RAW}", "PUBLIC"),
        "PUBLIC has USAGE on database RAW_DDRC_DEV",
    ),
    *(
        (
            "future_ownership",
            "",
            f"future ownership of {of}",
            future_owner(of),
            f"does not own the {kind} ",
        )
        for kind, of in (
            ("schema", f"SCHEMAS IN DATABASE {TRANSFORM}"),
            ("table", f"TABLES IN DATABASE {ANALYTICS}"),
            ("table", f"TABLES IN SCHEMA {RAW}.LOADING"),
            ("schema", f"SCHEMAS IN DATABASE {RAW}"),
        )
    ),
    ("fivetran_types", "airtable", "a wrong type", wrong_type, "METRIC is BOOLEAN, and FLOAT or"),
    (
        "load",
        "",
        "times to the second",
        answers(without_microseconds),
        "SEEN_AT of A-1 is datetime.datetime(2026, 11, 20, 10, 30, 59), not",
    ),
    ("load", "", "binary as text", answers(as_text), "CONTENT of A-1 is "),
    ("load", "", "numbers as floats", answers(as_float), "ID of A-1 is 9223372036854775808, not"),
    # A definition commits too, so the DROP after it is lost as well.
    ("load", "", "a lost COMMIT", swallow("COMMIT", "DROP"), "_LOADED_AT of A-1 is "),
    ("load_fails", "", "a lost BEGIN", swallow("BEGIN"), "the old rows are gone"),
    ("load_killed", "", "a kill after the commit", killed_too_late, "the old rows are gone"),
    ("load_twice", "", "a lost BEGIN", no_transactions, "which is no whole load"),
    ("content_hash", "", "no comparison", never_unchanged, "The same rows ended as loaded"),
    (
        "change_check",
        "",
        "a hash of the sync's time",
        hash_of("HASH_AGG(*)"),
        "The same rows hash differently",
    ),
    (
        "change_check",
        "",
        "a hash that is constant",
        hash_of("0"),
        "does not notice a number, a microsecond, a null",
    ),
    (
        "dbt_build",
        "",
        "a privilege that was revoked",
        revoke(f"SELECT ON FUTURE TABLES IN SCHEMA {RAW}.LOADING", "RAW_DDRC_DEV_LOADING_READ"),
        "dbt build: ",
    ),
    ("dbt_build", "", "no unit tests", no_unit_tests, "dbt has run no unit test"),
    ("snapshots", "", "a lost MERGE", snapshots_do_nothing, "After a change the snapshot has"),
    ("freshness", "", "a load's time that is lost", always_now, "loaded 400 days ago is pass"),
    (
        "unload",
        "",
        "another content type",
        candidate(bytes, content_type="text/csv"),
        "content type is text/csv",
    ),
    (
        "unload",
        "",
        "a compressed file",
        candidate(bytes, content_encoding="identity"),
        "The candidate is compressed",
    ),
    ("unload", "", "a row a line", candidate(lambda was: was + b"[]\n"), "has 2 lines, not one"),
    ("unload", "", "numbers as strings", rewritten(numbers_as_strings), "The candidate has {"),
    ("unload", "", "lower-case keys", rewritten(lower_keys), "is not an array of objects with"),
    ("unload", "", "times without a zone", rewritten(without_zone), "LAST_UPDATED is ["),
    ("unload", "", "another name", another_name, "there is no candidate pasadena_metrics/ACCEPT_"),
    (
        "unload",
        "",
        "times in the session's format",
        sql_of_unload('to_char(last_updated, \'YYYY-MM-DD"T"HH24:MI:SS.FF3"Z"\')', "last_updated"),
        "LAST_UPDATED is [",
    ),
    (
        "unload_nothing",
        "",
        "no look at the rows",
        rows_are_not_counted,
        "The unload of a mart without rows did not fail",
    ),
    (
        "unload_nothing",
        "",
        "an array of nothing",
        sql_of_unload("having count(*) > 0", ""),
        "COPY INTO of no rows has written empty_metrics/ACCEPT_",
    ),
    ("history", "", "a lost MERGE", swallow("MERGE"), "PUBLISHED_METRICS"),
    (
        "dashboard",
        "",
        "a day of the session's zone",
        sessions_zone,
        "Other rows in another time zone: published_by_day: day of row 1 is 2026-11-19",
    ),
    (
        "dashboard",
        "",
        "a role that may not read the log of loads",
        revoke(f"USAGE ON SCHEMA {RAW}.LOADING", "RAW_DDRC_DEV_LOADING_READ"),
        "does not exist or not authorized",
    ),
    (
        "refusals",
        "LOADER",
        "a role that may make schemas",
        grant(f"CREATE SCHEMA ON DATABASE {RAW}", "LOADER_DDRC_DEV"),
        "LOADER may run: CREATE SCHEMA RAW_DDRC_DEV.ACCEPT_",
    ),
    (
        "refusals",
        "REPORTER",
        "a role that may read RAW",
        reads_raw,
        "REPORTER may run: SELECT PERMIT_NUMBER",
    ),
    (
        "refusals",
        "DASHBOARD",
        "a role that may write candidates",
        grant(f"USAGE ON STAGE {ANALYTICS}.PUBLIC.AZURE_STAGE_DDRC", "DASHBOARD_DDRC_DEV"),
        "DASHBOARD may run: COPY INTO @ANALYTICS_DDRC_DEV.PUBLIC.AZURE_STAGE_DDRC",
    ),
    (
        "monitor",
        "",
        "a monitor that is not seen",
        revoke("MONITOR ON RESOURCE MONITOR DDRC_DEV", "TRANSFORMER_DDRC_DEV"),
        "Snowflake shows no resource monitor DDRC_DEV",
    ),
]


@pytest.mark.parametrize(
    ("check", "subject", "fault", "text"),
    [pytest.param(*row[:2], *row[3:], id=f"{row[0]}: {row[2]}") for row in FAULTS],
)
def test_a_check_fails_by_a_fault(
    check: str, subject: str, fault: Fault, text: str, prepared: Prepared
) -> None:
    fault(prepared)
    found = prepared.check(check, subject)
    assert (found.status, text in found.detail) == (Status.FAIL, True), found.detail


def test_every_check_has_a_fault() -> None:
    # `credits` always comes later; test_whole_run.py has its faults.
    assert {row[0] for row in FAULTS} == {*checks.IDS} - {"credits"}


def test_a_type_is_not_checked_before_the_first_sync(prepared: Prepared) -> None:
    renamed = f"{METRICS_TABLE}_MOVED"
    prepared.sql(
        f"ALTER TABLE {METRICS_TABLE} RENAME TO {renamed}",
        f"ALTER TABLE {renamed} RENAME TO {METRICS_TABLE}",
    )
    found = prepared.check("fivetran_types", "airtable")
    assert found.status is Status.NOT_PERMITTED
    assert "Run this check again after Fivetran's first sync" in found.detail


def test_a_candidate_that_cannot_be_read_is_not_permitted(prepared: Prepared) -> None:
    prepared.patch.delenv("AIRFLOW_CONN_AZURE_STORAGE")
    found = prepared.check("unload")
    assert found.status is Status.NOT_PERMITTED
    assert "set AIRFLOW_CONN_AZURE_STORAGE" in found.detail
