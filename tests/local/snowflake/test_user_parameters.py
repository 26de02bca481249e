"""What a user's sessions begin with, what a role may do and owns, and open transactions."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from tests.local.snowflake.in_process import ANALYTICS, RAW, Role, Warehouse, prepare, started

OLD_ROLE = "RAW_DDRC_DEV_READWRITECONTROL"


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("account")
    with started(folder) as made:
        prepare(made, folder)
        yield made


@pytest.fixture
def administrator(account: Warehouse) -> Iterator[Role]:
    opened = account.log_in("ACCOUNTADMIN")
    with closing(opened.session):
        yield opened


def rows(role: Role, sql: str) -> list[dict[str, Any]]:
    """A statement's rows by column."""
    cursor = role.session.cursor().execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def parameters(role: Role) -> dict[str, str]:
    return {row["key"]: row["value"] for row in rows(role, "SHOW PARAMETERS")}


def grants(role: Role, of: str) -> set[tuple[str, str, str]]:
    shown = rows(role, f"SHOW GRANTS TO ROLE {of}")
    return {(row["privilege"], row["granted_on"], row["name"]) for row in shown}


def test_terraforms_users_have_utc_and_no_unloads_to_internal_stages(account: Warehouse) -> None:
    found = parameters(account.as_("REPORTER"))
    assert found["TIMEZONE"] == "UTC"
    assert found["PREVENT_UNLOAD_TO_INTERNAL_STAGES"] == "true"


def test_another_user_has_snowflakes_defaults(account: Warehouse) -> None:
    found = parameters(account.log_in("READER_DDRC_DEV"))
    assert found["TIMEZONE"] == "America/Los_Angeles"
    assert found["PREVENT_UNLOAD_TO_INTERNAL_STAGES"] == "false"


def test_a_users_parameter_is_set_and_unset(account: Warehouse, administrator: Role) -> None:
    administrator.run("ALTER USER PROVISIONER SET TIMEZONE = 'Asia/Tokyo'")
    [shown] = rows(account.log_in("ACCOUNTADMIN"), "SHOW PARAMETERS LIKE 'timez%' IN SESSION")
    assert (shown["value"], shown["default"]) == ("Asia/Tokyo", "America/Los_Angeles")
    administrator.run("ALTER USER PROVISIONER UNSET TIMEZONE")
    assert parameters(account.log_in("ACCOUNTADMIN"))["TIMEZONE"] == "America/Los_Angeles"


def test_an_unload_to_the_users_stage_is_refused(account: Warehouse) -> None:
    refusal = account.as_("REPORTER").refusal(
        "COPY INTO @~/x.json FROM (SELECT PARSE_JSON('[]')) FILE_FORMAT = (TYPE = JSON) SINGLE=TRUE"
    )
    assert refusal.number == 3001


def test_secondary_roles_are_those_of_the_user(account: Warehouse, administrator: Role) -> None:
    query = "SELECT CURRENT_SECONDARY_ROLES()"
    assert account.as_("LOADER").run(query) == [('{"roles":"","value":""}',)]
    alter = "ALTER USER AIRFLOW_LOADER_DDRC_DEV SET DEFAULT_SECONDARY_ROLES"
    administrator.run("GRANT ROLE READER_DDRC_DEV TO USER AIRFLOW_LOADER_DDRC_DEV")
    administrator.run(f"{alter} = ('ALL')")
    found = account.as_("LOADER").run(query)
    administrator.run(f"{alter} = ()")
    assert found == [('{"roles":"READER_DDRC_DEV","value":"ALL"}',)]


def test_grants_to_a_role_are_its_privileges_its_roles_and_what_it_owns(account: Warehouse) -> None:
    loader = account.as_("LOADER")
    assert grants(loader, "LOADER_DDRC_DEV") == {
        ("OWNERSHIP", "TABLE", f"{RAW}.EPA_AGOL_ASSESSMENT.PARCELS"),
        ("OWNERSHIP", "TABLE", f"{RAW}.LOADING.LOAD_LOG"),
        ("USAGE", "ROLE", "RAW_DDRC_DEV_LOAD"),
        ("USAGE", "WAREHOUSE", "LOADING_XS_DDRC_DEV"),
    }
    # Those on all schemas of a database are on each of them; those on future objects are not shown.
    shown = grants(account.as_("REPORTER"), "ANALYTICS_DDRC_DEV_READ")
    assert ("USAGE", "SCHEMA", f"{ANALYTICS}.PUBLIC") in shown
    assert not {kind for _, kind, _ in shown} - {"DATABASE", "SCHEMA"}


def test_another_roles_grants_are_not_shown(account: Warehouse) -> None:
    refusal = account.as_("LOADER").refusal("SHOW GRANTS TO ROLE REPORTER_DDRC_DEV")
    assert refusal.number == 2003


@pytest.mark.parametrize("place", [f"TABLES IN DATABASE {RAW}", f"TABLES IN SCHEMA {RAW}.LOADING"])
def test_a_role_with_future_ownership_owns_what_another_makes(
    place: str, account: Warehouse, administrator: Role
) -> None:
    loader = account.as_("LOADER")
    administrator.run(f"CREATE ROLE IF NOT EXISTS {OLD_ROLE}")
    administrator.run(f"GRANT OWNERSHIP ON FUTURE {place} TO ROLE {OLD_ROLE}")
    loader.run(f"CREATE TABLE {RAW}.LOADING.TAKEN (A INT)")
    administrator.run(f"REVOKE OWNERSHIP ON FUTURE {place} FROM ROLE {OLD_ROLE}")
    taken = ("OWNERSHIP", "TABLE", f"{RAW}.LOADING.TAKEN")
    assert taken in grants(administrator, OLD_ROLE)
    assert taken not in grants(administrator, "LOADER_DDRC_DEV")
    assert loader.refusal(f"DROP TABLE {RAW}.LOADING.TAKEN").number == 3001
    administrator.run(f"DROP TABLE {RAW}.LOADING.TAKEN")


def test_a_user_ends_a_transaction_of_its_own_and_no_others(account: Warehouse) -> None:
    lost, other, reporter = account.as_("LOADER"), account.as_("LOADER"), account.as_("REPORTER")
    table = f"{RAW}.EPA_AGOL_ASSESSMENT.PARCELS"
    lost.run("BEGIN")
    lost.run(f"INSERT INTO {table} VALUES (1)")
    [shown] = rows(other, "SHOW TRANSACTIONS")
    assert (shown["session"], shown["state"]) == (lost.session.number, "running")
    assert rows(reporter, "SHOW TRANSACTIONS") == []
    abort = f"SELECT SYSTEM$ABORT_TRANSACTION({shown['id']})"
    assert reporter.refusal(abort).number == 2003
    assert other.run(abort) == [(f"Aborted transaction id: {shown['id']}",)]
    assert rows(other, "SHOW TRANSACTIONS") == []
    # The lock is free, and nothing was written.
    other.run(f"DELETE FROM {table}")
    assert other.run(f"SELECT COUNT(*) FROM {table}") == [(0,)]


def test_the_metering_has_the_credits_of_each_warehouse(
    account: Warehouse, administrator: Role
) -> None:
    account.as_("LOADER").run(f"INSERT INTO {RAW}.LOADING.LOAD_LOG VALUES (1)")
    administrator.run("USE WAREHOUSE REPORTING_XS_DDRC_DEV")
    metered: dict[str, float] = dict(
        administrator.run(
            "SELECT WAREHOUSE_NAME, CREDITS_USED_COMPUTE"
            " FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY"
        )
    )
    # At least a minute of an XS.
    assert metered["LOADING_XS_DDRC_DEV"] >= 1 / 60
    assert set(metered) == {
        f"{kind}_XS_DDRC_DEV" for kind in ("LOADING", "REPORTING", "TRANSFORMING")
    }


def test_the_metering_is_not_for_every_role(account: Warehouse) -> None:
    query = "SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.WAREHOUSE_METERING_HISTORY"
    assert account.as_("TRANSFORMER").refusal(query).number == 2003
