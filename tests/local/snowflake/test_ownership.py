"""The role that creates an object owns it, until it is dropped; grants on future objects."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.snowflake import privileges
from local.snowflake.account import Session
from local.snowflake.grants import Grants
from tests.local.snowflake.in_process import RAW, Warehouse, prepare, started

EPA = f"{RAW}.EPA_AGOL_ASSESSMENT"
LOADER = "LOADER_DDRC_DEV"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    with started(folder) as opened:
        prepare(opened, folder)
        yield opened


def owner(warehouse: Warehouse, table: str) -> str | None:
    found = warehouse.account.owners.find("TABLE", (RAW, "EPA_AGOL_ASSESSMENT", table))
    return found.role if found else None


def test_ownership_lasts_over_a_restart(tmp_path: Path) -> None:
    with started(tmp_path) as before:
        prepare(before, tmp_path)
    with started(tmp_path) as after:
        loader, dbt = after.as_("LOADER"), after.as_("TRANSFORMER")

        assert loader.may(f"ALTER TABLE {EPA}.PARCELS ADD COLUMN B INT")
        assert not dbt.may(f"ALTER TABLE {EPA}.PARCELS ADD COLUMN C INT")
        assert dbt.may(f"SELECT * FROM {EPA}.PARCELS")


def test_objects_of_a_laptop_that_recorded_no_owners_belong_to_the_roles_that_make_such(
    tmp_path: Path,
) -> None:
    with started(tmp_path) as before:
        prepare(before, tmp_path)
    (tmp_path / "owners.json").unlink()
    with started(tmp_path) as after:
        loader, fivetran = after.as_("LOADER"), after.as_("FIVETRAN")

        assert loader.may(f"ALTER TABLE {EPA}.PARCELS ADD COLUMN B INT")
        assert fivetran.may(f"CREATE OR REPLACE TABLE {RAW}.ODI_DYNAMODB.FEEDBACK (A INT)")
        assert not loader.may(f"SELECT * FROM {RAW}.ODI_DYNAMODB.FEEDBACK")
        assert not after.as_("TRANSFORMER").may(f"DROP TABLE {EPA}.PARCELS")


def test_a_schema_that_another_session_creates_meanwhile_is_no_obstacle(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = warehouse.as_("FIVETRAN"), warehouse.as_("FIVETRAN")
    create = f"CREATE SCHEMA IF NOT EXISTS {RAW}.AT_ONCE"

    look = privileges._owns

    def looks_just_before(session: Session, kind: str, name: tuple[str, ...]) -> bool:
        owns = look(session, kind, name)
        if name[-1] == "AT_ONCE":
            monkeypatch.undo()
            first.run(create)
        return owns

    monkeypatch.setattr(privileges, "_owns", looks_just_before)
    assert second.may(create)
    assert second.may(f"CREATE TABLE {RAW}.AT_ONCE.ROWS (A INT)")


def test_a_dropped_tables_name_belongs_to_whoever_creates_it_next(warehouse: Warehouse) -> None:
    loader, administrator = warehouse.as_("LOADER"), warehouse.log_in("ACCOUNTADMIN")
    loader.run(f"CREATE TABLE {EPA}.DROPPED (A INT)")
    loader.run(f"DROP TABLE {EPA}.DROPPED")
    assert owner(warehouse, "DROPPED") is None

    administrator.run(f"CREATE TABLE {EPA}.DROPPED (A INT)")

    assert not loader.may(f"DROP TABLE {EPA}.DROPPED")
    assert owner(warehouse, "DROPPED") == "ACCOUNTADMIN"


def test_a_renamed_and_a_swapped_table_keep_their_owners(warehouse: Warehouse) -> None:
    loader, administrator = warehouse.as_("LOADER"), warehouse.log_in("ACCOUNTADMIN")
    loader.run(f"CREATE TABLE {EPA}.MINE (A INT)")
    loader.run(f"ALTER TABLE {EPA}.MINE RENAME TO {EPA}.STILL_MINE")
    administrator.run(f"CREATE TABLE {EPA}.THEIRS (A INT)")
    assert not loader.may(f"ALTER TABLE {EPA}.STILL_MINE SWAP WITH {EPA}.THEIRS")

    administrator.run(f"ALTER TABLE {EPA}.STILL_MINE SWAP WITH {EPA}.THEIRS")

    assert owner(warehouse, "MINE") is None
    assert (owner(warehouse, "STILL_MINE"), owner(warehouse, "THEIRS")) == ("ACCOUNTADMIN", LOADER)


def test_a_replaced_table_belongs_to_the_role_that_replaces_it(warehouse: Warehouse) -> None:
    loader, administrator = warehouse.as_("LOADER"), warehouse.log_in("ACCOUNTADMIN")
    loader.run(f"CREATE TABLE {EPA}.REPLACED (A INT)")

    administrator.run(f"CREATE OR REPLACE TABLE {EPA}.REPLACED (A INT)")

    assert owner(warehouse, "REPLACED") == "ACCOUNTADMIN"


def test_create_if_not_exists_takes_no_table_from_its_owner(warehouse: Warehouse) -> None:
    loader, administrator = warehouse.as_("LOADER"), warehouse.log_in("ACCOUNTADMIN")
    loader.run(f"CREATE TABLE {EPA}.TAKEN (A INT)")

    administrator.run(f"CREATE TABLE IF NOT EXISTS {EPA}.TAKEN (A INT)")

    assert owner(warehouse, "TAKEN") == LOADER


def test_a_dropped_schema_takes_its_tables_owners_along(warehouse: Warehouse) -> None:
    fivetran = warehouse.as_("FIVETRAN")
    fivetran.run(f"CREATE SCHEMA {RAW}.GOES")
    fivetran.run(f"CREATE TABLE {RAW}.GOES.T (A INT)")

    fivetran.run(f"DROP SCHEMA {RAW}.GOES")

    assert warehouse.account.owners.find("TABLE", (RAW, "GOES", "T")) is None
    assert warehouse.account.owners.find("SCHEMA", (RAW, "GOES")) is None


def test_a_temporary_tables_session_does_with_it_what_it_likes(warehouse: Warehouse) -> None:
    reader = warehouse.as_("READER")
    reader.run(f"CREATE TEMPORARY TABLE {EPA}.SCRATCH (A INT)")
    reader.run(f"INSERT INTO {EPA}.SCRATCH VALUES (1)")

    assert reader.run(f"SELECT A FROM {EPA}.SCRATCH") == [(1,)]
    assert reader.may(f"DROP TABLE {EPA}.SCRATCH")


def test_a_schemas_future_grants_hide_its_databases_for_every_role() -> None:
    grants, table = Grants(), ("D", "S", "T")
    for role in ("WIDE", "NARROW"):
        grants.add_role(role)
    grants.add("WIDE", "FUTURE TABLES IN DATABASE D", {"SELECT"})
    grants.add("WIDE", "FUTURE VIEWS IN DATABASE D", {"SELECT"})
    assert grants.on_object("WIDE", "TABLE", table) == {"SELECT"}

    grants.add("NARROW", "FUTURE TABLES IN SCHEMA D.S", {"INSERT"})

    assert grants.on_object("WIDE", "TABLE", table) == set()
    assert grants.on_object("NARROW", "TABLE", table) == {"INSERT"}
    assert grants.on_object("WIDE", "VIEW", table) == {"SELECT"}
    assert grants.on_object("WIDE", "TABLE", ("D", "OTHER", "T")) == {"SELECT"}


def test_grants_on_all_tables_are_of_those_that_exist_when_they_are_made() -> None:
    grants = Grants()
    grants.add_role("R")
    grants.add("R", "ALL TABLES IN DATABASE D", {"SELECT"})

    assert grants.on_object("R", "TABLE", ("D", "S", "MADE_LATER")) == set()


@pytest.mark.parametrize(
    ("role", "on", "privilege", "statement"),
    [
        ("RAW_DDRC_DEV_LOAD", f"FUTURE TABLES IN SCHEMA {EPA}", "SELECT",
         f"SELECT * FROM {EPA}.BY_ADMIN"),
        ("RAW_DDRC_DEV_LOAD", f"FUTURE TABLES IN SCHEMA {EPA}", "INSERT",
         f"INSERT INTO {EPA}.BY_ADMIN VALUES (1)"),
        ("RAW_DDRC_DEV_LOAD", f"SCHEMA {EPA}", "CREATE TABLE", f"CREATE TABLE {EPA}.LATER (A INT)"),
        ("LOADER_DDRC_DEV", "WAREHOUSE LOADING_XS_DDRC_DEV", "USAGE",
         "USE WAREHOUSE LOADING_XS_DDRC_DEV"),
    ],
)  # fmt: skip
def test_without_its_grant_a_statement_of_the_product_is_refused(
    role: str, on: str, privilege: str, statement: str, warehouse: Warehouse
) -> None:
    administrator = warehouse.log_in("ACCOUNTADMIN")
    administrator.run(f"CREATE TABLE IF NOT EXISTS {EPA}.BY_ADMIN (A INT)")
    loader = warehouse.as_("LOADER")

    administrator.run(f"REVOKE {privilege} ON {on} FROM ROLE {role}")
    assert not loader.may(statement)

    administrator.run(f"GRANT {privilege} ON {on} TO ROLE {role}")
    assert loader.may(statement)
