"""Each role runs the statements of its tasks and no others, as Terraform's grants have it."""

from collections.abc import Iterator

import pytest

from tests.local.snowflake.in_process import (
    ANALYTICS,
    RAW,
    TRANSFORM,
    Refusal,
    Role,
    Warehouse,
    prepare,
    started,
)

ROLES = ("LOADER", "TRANSFORMER", "REPORTER", "FIVETRAN", "DASHBOARD", "READER")
EPA, LOG = f"{RAW}.EPA_AGOL_ASSESSMENT", f"{RAW}.LOADING.LOAD_LOG"
STAGE = f"{ANALYTICS}.PUBLIC.AZURE_STAGE_DDRC"
RELEASED = f"{ANALYTICS}.PUBLIC.RELEASED_DDRC"
MART = f"{ANALYTICS}.METRICS.EPA"
UNLOAD = f"""COPY INTO @{STAGE}/{{role}}.json FROM (SELECT TO_VARIANT(1))
    FILE_FORMAT = (TYPE = JSON COMPRESSION = NONE) SINGLE = TRUE OVERWRITE = TRUE"""
# The statements of the account, each with the roles that may send it.
ALLOWED = {
    f"SELECT * FROM {EPA}.PARCELS": "LOADER TRANSFORMER READER",
    f"WITH P AS (SELECT * FROM {EPA}.PARCELS) SELECT * FROM P": "LOADER TRANSFORMER READER",
    f"SELECT 1 WHERE EXISTS (SELECT 1 FROM {EPA}.PARCELS)": "LOADER TRANSFORMER READER",
    f"DESCRIBE TABLE {EPA}.PARCELS": "LOADER TRANSFORMER READER",
    f"INSERT INTO {EPA}.PARCELS VALUES (1)": "LOADER",
    f"UPDATE {EPA}.PARCELS SET A = 2": "LOADER",
    f"DELETE FROM {EPA}.PARCELS": "LOADER",
    f"TRUNCATE TABLE {EPA}.PARCELS": "LOADER",
    f"ALTER TABLE {EPA}.PARCELS ADD COLUMN IF NOT EXISTS B INT": "LOADER",
    f"COMMENT ON TABLE {EPA}.PARCELS IS 'x'": "LOADER",
    f"CREATE TABLE {EPA}.NEW_{{role}} (A INT)": "LOADER",
    f"CREATE OR REPLACE TABLE {EPA}.PARCELS (A INT)": "LOADER",
    f"CREATE VIEW {EPA}.NEW_VIEW AS SELECT 1 AS A": "",
    f"CREATE FILE FORMAT {EPA}.NEW_FORMAT TYPE = CSV": "",
    # A temporary table or stage needs no privilege but one on its schema.
    f"CREATE TEMPORARY STAGE {EPA}.FILES_{{role}}": "LOADER TRANSFORMER READER",
    f"CREATE TEMPORARY TABLE {EPA}.ROWS_{{role}} (A INT)": "LOADER TRANSFORMER READER",
    f"SELECT * FROM {LOG}": "LOADER TRANSFORMER DASHBOARD READER",
    f"INSERT INTO {LOG} VALUES (1)": "LOADER",
    f"SELECT * FROM {RAW}.ODI_DYNAMODB.FEEDBACK": "TRANSFORMER FIVETRAN",
    f"SELECT * FROM {RAW}.ODI_AIRTABLE.METRICS": "TRANSFORMER FIVETRAN",
    f"INSERT INTO {RAW}.ODI_AIRTABLE.METRICS VALUES ('x')": "FIVETRAN",
    f"CREATE TABLE {RAW}.ODI_AIRTABLE.NEW_{{role}} (A INT)": "FIVETRAN",
    f"ALTER TABLE {RAW}.ODI_AIRTABLE.METRICS ADD COLUMN IF NOT EXISTS B INT": "FIVETRAN",
    f"CREATE SCHEMA {RAW}.NEW_{{role}}": "FIVETRAN",
    f"USE SCHEMA {RAW}.ODI_DYNAMODB": "TRANSFORMER FIVETRAN",
    f"SELECT * FROM {TRANSFORM}.STAGING.FEEDBACK": "TRANSFORMER",
    f"CREATE SCHEMA {TRANSFORM}.NEW_{{role}}": "TRANSFORMER",
    f"SELECT * FROM {MART}": "TRANSFORMER REPORTER DASHBOARD READER",
    # A view is read with its owner's rights.
    f"SELECT * FROM {ANALYTICS}.METRICS.ANSWERS": "TRANSFORMER REPORTER DASHBOARD READER",
    f"SELECT * FROM {ANALYTICS}.PUBLIC.QUERY_HISTORY": "TRANSFORMER REPORTER DASHBOARD READER",
    f"CREATE VIEW {ANALYTICS}.METRICS.NEW_{{role}} AS SELECT * FROM {MART}": "TRANSFORMER",
    f"MERGE INTO {MART} AS M USING (SELECT 1 AS A) AS N ON M.A = N.A"
    " WHEN MATCHED THEN UPDATE SET A = 2 WHEN NOT MATCHED THEN INSERT (A) VALUES (1)": (
        "TRANSFORMER"
    ),
    f"CREATE STAGE {ANALYTICS}.PUBLIC.NEW_STAGE": "",
    f"CREATE FILE FORMAT {ANALYTICS}.PUBLIC.NEW_FORMAT TYPE = JSON": "",
    # A schema's owner may create whatever it likes in it.
    f"CREATE STAGE {ANALYTICS}.METRICS.NEW_STAGE": "TRANSFORMER",
    f"CREATE SCHEMA {ANALYTICS}.NEW_{{role}}": "TRANSFORMER",
    UNLOAD: "REPORTER",
    f"LIST @{RELEASED}": "TRANSFORMER",
    f"DROP STAGE {STAGE}": "",
    f"DROP TABLE {LOG}_OF_NOBODY": "",
    f"DROP DATABASE {RAW}": "",
    "CREATE DATABASE NEW_DATABASE": "",
    "CREATE ROLE NEW_ROLE": "",
    "CREATE WAREHOUSE NEW_WAREHOUSE": "",
    "ALTER WAREHOUSE LOADING_XS_DDRC_DEV RESUME": "",
    f"GRANT SELECT ON TABLE {MART} TO ROLE FIVETRAN_DDRC_DEV": "",
    "SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY": "",
    "SELECT 1": " ".join(ROLES),
    "BEGIN": " ".join(ROLES),
    "ALTER SESSION SET QUERY_TAG = 'x'": " ".join(ROLES),
}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    with started(folder) as opened:
        prepare(opened, folder)
        yield opened


@pytest.fixture(scope="module")
def roles(warehouse: Warehouse) -> dict[str, Role]:
    return {role: warehouse.as_(role) for role in ROLES}


@pytest.mark.parametrize("statement", ALLOWED)
def test_a_statement_runs_for_the_roles_that_need_it_and_for_no_other(
    statement: str, roles: dict[str, Role]
) -> None:
    may = {role for role in ROLES if roles[role].may(statement.format(role=role))}
    for role in roles.values():
        role.run("ROLLBACK")

    assert may == set(ALLOWED[statement].split())


OBJECT, SCHEMA = (2003, "42S02"), (2003, "02000")
NO_PRIVILEGE = (3001, "42501")
COMPILATION = "SQL compilation error:\n"
CONTROL = "SQL access control error:\nInsufficient privileges to operate on "


@pytest.mark.parametrize(
    ("role", "statement", "error", "text"),
    [
        ("LOADER", f"SELECT * FROM {RAW}.ODI_DYNAMODB.FEEDBACK", SCHEMA,
         f"{COMPILATION}Schema '{RAW}.ODI_DYNAMODB' does not exist or not authorized."),
        ("LOADER", f"CREATE VIEW {EPA}.V AS SELECT 1 AS A", NO_PRIVILEGE,
         f"{CONTROL}schema 'EPA_AGOL_ASSESSMENT'"),
        ("LOADER", f"CREATE SCHEMA IF NOT EXISTS {RAW}.LOADING", NO_PRIVILEGE,
         f"{CONTROL}database '{RAW}'"),
        ("TRANSFORMER", f"INSERT INTO {EPA}.PARCELS VALUES (1)", NO_PRIVILEGE,
         f"{CONTROL}table 'PARCELS'"),
        ("TRANSFORMER", f"CREATE OR REPLACE TABLE {EPA}.PARCELS (A INT)", NO_PRIVILEGE,
         f"{CONTROL}schema 'EPA_AGOL_ASSESSMENT'"),
        ("DASHBOARD", f"ALTER VIEW {ANALYTICS}.METRICS.ANSWERS SET COMMENT = 'x'", NO_PRIVILEGE,
         f"{CONTROL}view 'ANSWERS'"),
        ("DASHBOARD", UNLOAD, SCHEMA,
         f"{COMPILATION}Stage '{STAGE}' does not exist or not authorized."),
        ("REPORTER", f"SELECT * FROM {EPA}.PARCELS", SCHEMA,
         f"{COMPILATION}Database '{RAW}' does not exist or not authorized."),
        ("REPORTER", f"USE DATABASE {RAW}", (2043, "02000"),
         f"{COMPILATION}Object does not exist, or operation cannot be performed."),
        ("FIVETRAN", f"CREATE SCHEMA {RAW}.LOADING", (3041, "42710"),
         f"{COMPILATION}Object '{RAW}.LOADING' already exists, but current role has no privileges"
         " on it. If this is unexpected and you cannot resolve this problem, contact your system"
         " administrator. ACCOUNTADMIN role may be required to manage the privileges on the"
         " object."),
        ("READER", "SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY", SCHEMA,
         f"{COMPILATION}Schema 'SNOWFLAKE.ACCOUNT_USAGE' does not exist or not authorized."),
        ("READER", "CREATE DATABASE D", NO_PRIVILEGE, f"{CONTROL}account 'LAPTOP'"),
        ("READER", "USE WAREHOUSE LOADING_XS_DDRC_DEV", (2043, "02000"),
         f"{COMPILATION}Object does not exist, or operation cannot be performed."),
        ("READER", "ALTER WAREHOUSE REPORTING_XS_DDRC_DEV SUSPEND", NO_PRIVILEGE,
         f"{CONTROL}warehouse 'REPORTING_XS_DDRC_DEV'"),
    ],
)  # fmt: skip
def test_a_refusal_has_snowflakes_number_state_and_text(
    role: str, statement: str, error: tuple[int, str], text: str, roles: dict[str, Role]
) -> None:
    assert roles[role].refusal(statement.format(role=role)) == Refusal(*error, text)


def test_a_refused_statement_changes_nothing(warehouse: Warehouse, roles: dict[str, Role]) -> None:
    before = roles["LOADER"].run(f"SELECT COUNT(*) FROM {LOG}")

    roles["TRANSFORMER"].refusal(f"DELETE FROM {LOG}")
    roles["TRANSFORMER"].refusal(f"DROP TABLE {LOG}")

    assert roles["LOADER"].run(f"SELECT COUNT(*) FROM {LOG}") == before


def test_a_role_sees_only_the_warehouses_and_monitors_that_it_may_use(
    roles: dict[str, Role],
) -> None:
    assert [row[0] for row in roles["LOADER"].run("SHOW WAREHOUSES")] == ["LOADING_XS_DDRC_DEV"]
    assert roles["LOADER"].run("SHOW RESOURCE MONITORS") == []


def test_a_statement_without_a_usable_warehouse_does_not_run(warehouse: Warehouse) -> None:
    opened = warehouse.log_in("READER_DDRC_DEV")

    refused = opened.refusal(f"SELECT A FROM {EPA}.PARCELS")

    assert (refused.number, refused.sqlstate) == (606, "57P03")


def test_system_administrators_inherit_what_the_roles_own(warehouse: Warehouse) -> None:
    administrator = warehouse.log_in("SYSADMIN")

    assert administrator.may(f"DROP TABLE IF EXISTS {RAW}.ODI_DYNAMODB.NOTHING")
    assert administrator.may(f"ALTER TABLE {LOG} ADD COLUMN IF NOT EXISTS BY_ADMIN INT")


def test_a_role_is_used_only_by_the_users_that_have_or_inherit_it(roles: dict[str, Role]) -> None:
    refused = roles["LOADER"].refusal("USE ROLE REPORTER_DDRC_DEV")
    assert refused == Refusal(
        3013,
        "42501",
        "SQL access control error:\nRequested role 'REPORTER_DDRC_DEV' is not assigned to the"
        " executing user. Specify another role to activate.",
    )
    assert roles["LOADER"].refusal("USE ROLE NOBODY").number == 2043
    assert roles["LOADER"].refusal("USE ROLE ACCOUNTADMIN").number == 3013
    assert roles["LOADER"].run("SELECT CURRENT_ROLE()") == [("LOADER_DDRC_DEV",)]
