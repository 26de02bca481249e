"""The other commands, and wrong use."""

import pytest

from tests.tools.cutover.old_account import AIRTABLE, EPA, RAW, OldAccount
from tools.cutover.__main__ import main
from tools.cutover.login import log_in

CONTROL = "RAW_DDRC_PRD_READWRITECONTROL"
Capture = pytest.CaptureFixture[str]


def new_tables_owner(old: OldAccount, role: str, name: str) -> str:
    old.log_in(role).run(f"CREATE TABLE {RAW}.{EPA}.{name} (A INT)")
    return old.owner("TABLE", RAW, EPA, name)


def test_after_future_grants_a_table_belongs_to_the_role_that_makes_it(old: OldAccount) -> None:
    assert new_tables_owner(old, "LOADER_DDRC_PRD", "BEFORE") == CONTROL

    assert old.run("future-grants", "--apply") == 0

    assert new_tables_owner(old, "LOADER_DDRC_PRD", "AFTERWARDS") == "LOADER_DDRC_PRD"


def test_future_grants_finds_those_of_a_schema_too(old: OldAccount) -> None:
    old.run("future-grants", "--apply")
    old.administrator.run(
        f"GRANT OWNERSHIP ON FUTURE TABLES IN SCHEMA {RAW}.{EPA} TO ROLE {CONTROL}"
    )
    assert new_tables_owner(old, "LOADER_DDRC_PRD", "TAKEN") == CONTROL

    old.run("future-grants", "--apply")

    assert new_tables_owner(old, "LOADER_DDRC_PRD", "OWN") == "LOADER_DDRC_PRD"


def test_future_grants_keeps_the_others_until_all_and_terraforms_for_ever(old: OldAccount) -> None:
    def listed() -> set[tuple[object, ...]]:
        rows = old.administrator.run(f"SHOW FUTURE GRANTS IN DATABASE {RAW}")
        return {(row[1], row[2], row[5]) for row in rows}

    everything = listed()
    old.run("rename", "--apply", "--only", "roles")
    old.run("future-grants", "--apply")
    assert len(listed()) == len(everything) - 3
    old.run("rename", "--apply")
    old.apply_terraform()

    old.run("future-grants", "--all", "--apply")

    assert listed() == {
        ("USAGE", "SCHEMA", "RAW_DDRC_PRD_READ"),
        ("SELECT", "TABLE", "RAW_DDRC_PRD_READ"),
        ("SELECT", "VIEW", "RAW_DDRC_PRD_READ"),
    }


def test_list_changes_nothing_and_names_rows_and_owners(old: OldAccount, capsys: Capture) -> None:
    assert old.run("list") == 0

    lines = capsys.readouterr().out.splitlines()
    assert (
        f"    PUBLIC_STATUS_ASSESSMENT: 20 rows, of {CONTROL}; the earlier project's: it has no"
        " _LOAD_ID"
    ) in lines
    assert f"    METRICS: 20 rows, of {CONTROL}; Fivetran's" in lines
    assert f"    LA_FIRES_PAGE_FEEDBACK: view, of {CONTROL}; Fivetran's" in lines
    assert f"  OWNERSHIP on future TABLES to {CONTROL}" in lines
    assert old.sent == []
    assert lines[-1] == "28 statements were sent; nothing was changed."


def test_fivetran_needs_its_role(old: OldAccount, capsys: Capture) -> None:
    assert old.run("fivetran", "--apply") == 1

    assert capsys.readouterr().err == (
        "The role FIVETRAN_DDRC_PRD does not exist; apply Terraform first, as docs/cutover.md"
        " says.\n"
    )


def test_fivetran_stops_where_a_sync_changes_the_table_meanwhile(
    old: OldAccount, capsys: Capture
) -> None:
    old.administrator.run("CREATE ROLE FIVETRAN_DDRC_PRD")
    old.grows = f"{RAW}.{AIRTABLE}.METRICS"

    assert old.run("fivetran", "--apply") == 1

    assert "it has 22 rows and had 20; is a sync running?" in capsys.readouterr().err
    assert len(old.sent) == 2


def test_each_statement_that_deletes_or_replaces_is_refused_by_the_tool_itself(
    old: OldAccount, capsys: Capture
) -> None:
    table = f'"{RAW}"."{EPA}"."PUBLIC_STATUS_ASSESSMENT"'
    for statement in (
        f"DROP TABLE {table}",
        f'DROP SCHEMA "{RAW}"."{EPA}"',
        f"TRUNCATE TABLE {table}",
        f"DELETE FROM {table}",
        f"UPDATE {table} SET A = 1",
        f"INSERT OVERWRITE INTO {table} SELECT 1",
        f"CREATE OR REPLACE TABLE {table} (A INT)",
        f"ALTER TABLE {table} DROP COLUMN A",
        f"ALTER TABLE {table} SWAP WITH {table}",
        f'ALTER SCHEMA "{RAW}"."{EPA}" RENAME TO "A"; DROP SCHEMA "A"',
        f'GRANT OWNERSHIP ON TABLE {table} TO ROLE "R" REVOKE CURRENT GRANTS',
        'SHOW TABLES; DROP TABLE "T"',
    ):
        with old.connect({}) as account, pytest.raises(Exception, match="does not send"):
            account.send(statement)
    assert old.sent == []


@pytest.mark.parametrize(
    ("arguments", "environment", "code", "text"),
    [
        (["list"], {}, 2, "Set DDRC_ENV, or --environment, to DEV or PRD."),
        (["--environment", "TEST", "list"], {}, 2, "Set DDRC_ENV"),
        (["nothing"], {"DDRC_ENV": "PRD"}, 2, "invalid choice"),
        ([], {"DDRC_ENV": "PRD"}, 2, "required: command"),
        (["--environment", "PRD", "compare"], {}, 2, "Write compare first"),
        (
            ["list"],
            {"DDRC_ENV": "PRD", "SNOWFLAKE_USER": "ME"},
            1,
            "Set SNOWFLAKE_ORGANIZATION_NAME, SNOWFLAKE_ACCOUNT_NAME, SNOWFLAKE_PRIVATE_KEY (or"
            " SNOWFLAKE_AUTHENTICATOR=externalbrowser), as docs/cutover.md says",
        ),
        (
            ["list"],
            {
                "DDRC_ENV": "PRD",
                "SNOWFLAKE_USER": "ME",
                "SNOWFLAKE_ORGANIZATION_NAME": "O",
                "SNOWFLAKE_ACCOUNT_NAME": "A",
                "SNOWFLAKE_PRIVATE_KEY": "not a key",
            },
            1,
            "SNOWFLAKE_PRIVATE_KEY is not an unencrypted private key in PEM.",
        ),
    ],
)
def test_wrong_use_gets_one_sentence(
    arguments: list[str], environment: dict[str, str], code: int, text: str, capsys: Capture
) -> None:
    assert main(arguments, environment, log_in) == code

    error = capsys.readouterr().err
    assert text in error
    assert "Traceback" not in error
