"""`ALTER … RENAME TO`, `GRANT OWNERSHIP`, and what SHOW lists of an account."""

from collections.abc import Iterator

import pytest

from tests.local.snowflake.in_process import RAW, Warehouse, prepare, started

LOADER, FIVETRAN = "LOADER_DDRC_DEV", "FIVETRAN_DDRC_DEV"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    folder = tmp_path_factory.mktemp("warehouse")
    with started(folder) as opened:
        prepare(opened, folder)
        yield opened


def owner(warehouse: Warehouse, kind: str, *name: str) -> str:
    found = warehouse.account.owners.find(kind, name)
    return found.role if found else ""


def test_a_renamed_schema_keeps_rows_columns_views_owners_and_grants(warehouse: Warehouse) -> None:
    administrator, loader = warehouse.log_in("ACCOUNTADMIN"), warehouse.as_("LOADER")
    administrator.run(f"CREATE SCHEMA {RAW}.S1")
    administrator.run(f"GRANT USAGE ON SCHEMA {RAW}.S1 TO ROLE {LOADER}")
    administrator.run(f'CREATE TABLE {RAW}.S1.T ("lower" INT NOT NULL, B VARCHAR(3))')
    administrator.run(f"GRANT SELECT ON TABLE {RAW}.S1.T TO ROLE {LOADER}")
    loader.run(f"USE DATABASE {RAW}")
    administrator.session.identity.warehouse = "LOADING_XS_DDRC_DEV"
    administrator.run(f"INSERT INTO {RAW}.S1.T VALUES (1, 'x')")
    administrator.run(f"CREATE VIEW {RAW}.S1.V AS SELECT B FROM {RAW}.S1.T")

    administrator.run(f"ALTER SCHEMA {RAW}.S1 RENAME TO {RAW}.S2")

    assert loader.run(f"SELECT * FROM {RAW}.S2.T") == [(1, "x")]
    assert owner(warehouse, "TABLE", RAW, "S2", "T") == "ACCOUNTADMIN"
    refused = administrator.refusal(f"INSERT INTO {RAW}.S2.T VALUES (NULL, 'x')")
    assert refused.text == "NULL result in a non-nullable column"
    assert not loader.may(f"SELECT * FROM {RAW}.S1.T")
    described = administrator.run(f"DESCRIBE TABLE {RAW}.S2.T")
    assert [(row[0], row[1]) for row in described] == [
        ("lower", "NUMBER(38,0)"),
        ("B", "VARCHAR(3)"),
    ]


@pytest.mark.parametrize(
    ("statement", "number", "text"),
    [
        (f"ALTER SCHEMA {RAW}.NONE RENAME TO {RAW}.X", 2003, f"Schema '{RAW}.NONE' does not exist"),
        (f"ALTER SCHEMA {RAW}.LOADING RENAME TO {RAW}.PUBLIC", 2002, "PUBLIC' already exists."),
        (
            f"ALTER TABLE {RAW}.LOADING.LOAD_LOG RENAME TO {RAW}.NONE.L",
            2003,
            "NONE' does not exist",
        ),
        (f"ALTER ROLE {LOADER} RENAME TO {FIVETRAN}", 2002, f"Object '{FIVETRAN}' already exists."),
        ("ALTER ROLE NOBODY RENAME TO SOMEBODY", 2003, "Role 'NOBODY' does not exist"),
    ],
)
def test_a_rename_from_a_missing_or_to_a_taken_name_is_refused(
    statement: str, number: int, text: str, warehouse: Warehouse
) -> None:
    refused = warehouse.log_in("ACCOUNTADMIN").refusal(statement)

    assert refused.number == number
    assert text in refused.text


def test_only_the_owner_renames_a_schema(warehouse: Warehouse) -> None:
    assert not warehouse.as_("LOADER").may(f"ALTER SCHEMA {RAW}.LOADING RENAME TO {RAW}.MINE")


def test_a_table_moves_to_another_schema_and_not_within_its_own(warehouse: Warehouse) -> None:
    administrator = warehouse.log_in("ACCOUNTADMIN")
    administrator.run(f"CREATE SCHEMA {RAW}.FROM_HERE")
    administrator.run(f"CREATE SCHEMA {RAW}.TO_THERE")
    administrator.run(f"CREATE TABLE {RAW}.FROM_HERE.T (A INT)")

    administrator.run(f"ALTER TABLE {RAW}.FROM_HERE.T RENAME TO {RAW}.TO_THERE.U")

    for schema, names in (("FROM_HERE", []), ("TO_THERE", ["U"])):
        rows = administrator.run(f"SHOW TABLES IN SCHEMA {RAW}.{schema}")
        assert [row[1] for row in rows] == names
    assert owner(warehouse, "TABLE", RAW, "TO_THERE", "U") == "ACCOUNTADMIN"


def test_ownership_moves_only_if_the_grants_are_copied_or_revoked(warehouse: Warehouse) -> None:
    administrator = warehouse.log_in("ACCOUNTADMIN")
    table = f"{RAW}.LOADING.OWNED"
    administrator.run(f"CREATE TABLE {table} (A INT)")
    administrator.run(f"GRANT SELECT ON TABLE {table} TO ROLE {LOADER}")
    give = f"GRANT OWNERSHIP ON TABLE {table} TO ROLE {FIVETRAN}"

    def granted() -> set[tuple[str, str]]:
        rows = administrator.run(f"SHOW GRANTS ON TABLE {table}")
        return {(row[1], row[5]) for row in rows}

    assert administrator.refusal(give).number == 3036
    administrator.run(f"{give} COPY CURRENT GRANTS")
    assert granted() == {("OWNERSHIP", FIVETRAN), ("SELECT", LOADER)}

    administrator.run(f"{give} REVOKE CURRENT GRANTS")

    assert granted() == {("OWNERSHIP", FIVETRAN)}


def test_quoted_names_in_grants_are_the_same_as_others(warehouse: Warehouse) -> None:
    administrator = warehouse.log_in("ACCOUNTADMIN")
    administrator.run(
        f'GRANT SELECT ON FUTURE VIEWS IN SCHEMA "{RAW}"."LOADING" TO ROLE "{LOADER}"'
    )
    show = f"SHOW FUTURE GRANTS IN SCHEMA {RAW}.LOADING"
    mine = ("SELECT", "VIEW", f"{RAW}.LOADING.<VIEW>", "ROLE", LOADER)
    assert mine in [row[1:6] for row in administrator.run(show)]

    administrator.run(f"REVOKE SELECT ON FUTURE VIEWS IN SCHEMA {RAW}.LOADING FROM ROLE {LOADER}")

    assert mine not in [row[1:6] for row in administrator.run(show)]


def test_show_lists_what_the_role_may_see(warehouse: Warehouse) -> None:
    loader = warehouse.as_("LOADER")

    schemas = {row[1] for row in loader.run(f"SHOW SCHEMAS IN DATABASE {RAW}")}
    assert "LOADING" in schemas
    assert "ODI_AIRTABLE" not in schemas
    tables = loader.run(f"SHOW TABLES LIKE 'parcel%' IN DATABASE {RAW}")
    assert [(row[1], row[6], row[7]) for row in tables] == [("PARCELS", 0, LOADER)]
