"""A grant that a statement needs is missed when Terraform's plan no longer has it."""

import pytest
from fakesnow.dialect import parse_one

from local.snowflake.grants import Grants, read
from tests.statements.catalogue import read_catalogue
from tests.statements.privileges import missing_grants, privileges_of

RAW, ANALYTICS = "RAW_DDRC_PRD", "ANALYTICS_DDRC_PRD"
LOADED = f"{RAW}.EPA_AGOL_ASSESSMENT"
LOG = f"{RAW}.LOADING"
STAGE = f"{ANALYTICS}.PUBLIC.AZURE_STAGE_DDRC"
ROLES = {"LOADER", "TRANSFORMER", "REPORTER", "DASHBOARD"}
CHANGES = ("INSERT", "UPDATE", "DELETE", "MERGE", "CREATE OR REPLACE")


def missing(sql: str, role: str, grants: Grants) -> list[str]:
    return missing_grants(sql, parse_one(sql), f"{role}_DDRC_PRD", grants)


@pytest.mark.parametrize(
    ("role", "sql", "revoked", "expected"),
    [
        ("LOADER", f"DELETE FROM {LOADED}.T",
         ("RAW_DDRC_PRD_LOAD", "DELETE", f"FUTURE TABLES IN SCHEMA {LOADED}"),
         f"DELETE on table in RAW ({LOADED}.T)"),
        ("LOADER", f"DELETE FROM {LOADED}.T",
         ("RAW_DDRC_PRD_LOAD", "USAGE", f"SCHEMA {LOADED}"),
         f"USAGE on schema {LOADED}"),
        ("LOADER", f"CREATE TABLE IF NOT EXISTS {LOG}.T (A INT)",
         ("RAW_DDRC_PRD_LOAD", "CREATE TABLE", f"SCHEMA {LOG}"),
         f"CREATE TABLE or OWNERSHIP on schema in RAW.LOADING ({LOG})"),
        ("TRANSFORMER", f"CREATE SCHEMA IF NOT EXISTS {ANALYTICS}.METRICS",
         ("ANALYTICS_DDRC_PRD_BUILD", "CREATE SCHEMA", f"DATABASE {ANALYTICS}"),
         "CREATE SCHEMA or OWNERSHIP on database ANALYTICS (ANALYTICS_DDRC_PRD)"),
        ("DASHBOARD", f"SELECT A FROM {ANALYTICS}.METRICS.T",
         ("ANALYTICS_DDRC_PRD_READ", "USAGE", f"DATABASE {ANALYTICS}"),
         f"USAGE on database {ANALYTICS}"),
        ("DASHBOARD", f"SELECT A FROM {ANALYTICS}.PUBLIC.QUERY_HISTORY",
         ("ANALYTICS_DDRC_PRD_READ", "SELECT", f"FUTURE VIEWS IN DATABASE {ANALYTICS}"),
         f"SELECT on table in ANALYTICS.PUBLIC ({ANALYTICS}.PUBLIC.QUERY_HISTORY)"),
        ("TRANSFORMER", "SHOW RESOURCE MONITORS LIKE 'DDRC_PRD'",
         ("TRANSFORMER_DDRC_PRD", "MONITOR", "RESOURCE MONITOR DDRC_PRD"),
         "MONITOR on resource monitor (DDRC_PRD)"),
        ("REPORTER", f"COPY INTO @{STAGE}/a.json FROM (SELECT 1 AS A)",
         ("REPORTER_DDRC_PRD", "USAGE", f"STAGE {STAGE}"),
         f"USAGE or WRITE or OWNERSHIP on stage in ANALYTICS.PUBLIC ({STAGE})"),
    ],
)  # fmt: skip
def test_a_revoked_grant_is_missed(
    role: str, sql: str, revoked: tuple[str, str, str], expected: str
) -> None:
    grants = read()
    assert missing(sql, role, grants) == []

    granted_to, privilege, on = revoked
    grants.remove(granted_to, on, {privilege})

    assert expected in missing(sql, role, grants)


def test_a_role_may_replace_what_it_can_make_and_nothing_else() -> None:
    mart = f"CREATE OR REPLACE TABLE {ANALYTICS}.METRICS.T AS (SELECT 1 AS A)"

    assert missing(mart, "TRANSFORMER", read()) == []
    assert missing(mart, "REPORTER", read()) == [
        f"CREATE TABLE or OWNERSHIP on schema in ANALYTICS ({ANALYTICS}.METRICS)",
        f"OWNERSHIP on table in ANALYTICS, if it exists ({ANALYTICS}.METRICS.T)",
    ]


def test_the_columns_of_a_database_need_the_database_only() -> None:
    sql = f"SELECT COLUMN_NAME FROM {RAW}.INFORMATION_SCHEMA.COLUMNS"

    assert privileges_of(sql, parse_one(sql)) == {"USAGE on database RAW"}
    assert missing(sql, "LOADER", read()) == []
    assert missing(sql, "REPORTER", read()) == [f"USAGE on database {RAW}"]


def test_a_change_of_rows_is_granted_to_the_role_that_sends_it_and_to_no_other() -> None:
    grants = read()
    entries = [one for one in read_catalogue().statements.values() if one.shape.startswith(CHANGES)]

    others = {
        (entry.shape, role)
        for entry in entries
        for role in ROLES - {entry.role}
        if not any(missing(sql, role, grants) for sql in entry.examples)
    }

    assert len(entries) > 5
    assert others == set()
