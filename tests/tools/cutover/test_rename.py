"""`rename`: the earlier project's names go out of the way, and nothing else."""

import pytest

from tests.tools.cutover.old_account import (
    AIRTABLE,
    ANALYTICS,
    EPA,
    RAW,
    TRANSFORM,
    USACE,
    OldAccount,
)

MALIBU, PASADENA = "MALIBU_REBUILDS", "PASADENA_AGOL"
Capture = pytest.CaptureFixture[str]


def schemas(old: OldAccount, database: str = RAW) -> set[str]:
    rows = old.administrator.run(f"SHOW SCHEMAS IN DATABASE {database}")
    return {str(row[1]) for row in rows} - {"INFORMATION_SCHEMA", "PUBLIC"}


def test_without_apply_it_only_prints_the_statements_that_apply_sends(
    old: OldAccount, capsys: Capture
) -> None:
    before = schemas(old)

    assert old.run("rename") == 0

    printed = [line for line in capsys.readouterr().out.splitlines() if line[:2] != "--"]
    assert (old.sent, schemas(old)) == ([], before)
    assert old.run("rename", "--apply") == 0
    assert printed == [f"{statement};" for statement in old.sent]


def test_the_loaders_schemas_are_renamed_and_fivetrans_are_not(
    old: OldAccount, capsys: Capture
) -> None:
    old.run("rename", "--apply", "--only", "schemas")

    renamed = {f"{name}_LEGACY" for name in (EPA, USACE, MALIBU, PASADENA)}
    assert schemas(old) == {*renamed, AIRTABLE, "ODI_DYNAMODB"}
    assert f"-- {RAW}.{AIRTABLE} is Fivetran's and keeps its name." in capsys.readouterr().out


def test_dbts_schemas_that_this_project_builds_too_are_renamed(old: OldAccount) -> None:
    old.run("rename", "--apply", "--only", "schemas")

    assert schemas(old, TRANSFORM) == {"AIRTABLE_LEGACY"}
    assert schemas(old, ANALYTICS) == {"SUMMARY"}


def test_the_earlier_unloads_keep_their_stage_under_another_name(old: OldAccount) -> None:
    before = old.administrator.run(f"SHOW STAGES IN DATABASE {ANALYTICS}")

    old.run("rename", "--apply", "--only", "stages")

    after = old.administrator.run(f"SHOW STAGES IN DATABASE {ANALYTICS}")
    assert [row[1] for row in after] == ["AZURE_STAGE_DDRC_LEGACY"]
    assert [row[4:] for row in after] == [row[4:] for row in before]


def test_a_renamed_role_keeps_its_users_and_what_it_may_do(old: OldAccount) -> None:
    old.run("rename", "--apply")

    grants = old.warehouse.account.grants
    assert grants.users["AIRFLOW_SVC_USER_DDRC_PRD"].roles == ["LOADER_DDRC_PRD_LEGACY"]
    assert "LOADER_DDRC_PRD" not in grants.parents
    assert old.log_in("LOADER_DDRC_PRD_LEGACY").may(f"CREATE TABLE {RAW}.{EPA}_LEGACY.T (A INT)")


def test_a_user_with_a_renamed_default_is_named_with_the_statement_to_send(
    old: OldAccount, capsys: Capture
) -> None:
    old.run("rename")

    assert (
        "-- The user DBT_SVC_USER_DDRC_PRD has the default role TRANSFORMER_DDRC_PRD, which becomes"
        ' TRANSFORMER_DDRC_PRD_LEGACY: alter user "DBT_SVC_USER_DDRC_PRD" set default_role ='
        " TRANSFORMER_DDRC_PRD_LEGACY\n"
    ) in capsys.readouterr().out


def test_after_a_refusal_it_says_so_in_one_sentence_and_can_be_run_again(
    old: OldAccount, capsys: Capture
) -> None:
    before = old.history()
    old.refuses = f'ALTER SCHEMA "{RAW}"."{PASADENA}"'

    assert old.run("rename", "--apply") == 1

    assert capsys.readouterr().err == (
        f'Snowflake refuses `ALTER SCHEMA "{RAW}"."{PASADENA}" RENAME TO'
        f' "{RAW}"."{PASADENA}_LEGACY"`: Insufficient privileges to operate on it.\n'
    )
    assert {f"{EPA}_LEGACY", f"{MALIBU}_LEGACY", PASADENA, USACE} <= schemas(old)
    assert old.history() == before
    old.refuses = ""
    assert old.run("rename", "--apply") == 0
    assert {f"{PASADENA}_LEGACY", f"{USACE}_LEGACY"} <= schemas(old)
    assert old.history() == before


def test_a_schema_whose_rows_change_meanwhile_stops_the_command(
    old: OldAccount, capsys: Capture
) -> None:
    old.grows = f"{RAW}.{PASADENA}_LEGACY.EATON_FIRE_REBUILD_PERMITS"

    assert old.run("rename", "--apply") == 1

    error = capsys.readouterr().err
    assert "EATON_FIRE_REBUILD_PERMITS (21 rows)" in error
    assert "EATON_FIRE_REBUILD_PERMITS (20 rows); nothing after it was done." in error
    assert USACE in schemas(old)


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            f"CREATE SCHEMA {RAW}.{EPA}_LEGACY",
            f"{RAW}.{EPA} cannot be renamed, because {EPA}_LEGACY exists already",
        ),
        (
            "CREATE ROLE LOADER_DDRC_PRD_LEGACY",
            "the role LOADER_DDRC_PRD cannot be renamed, because LOADER_DDRC_PRD_LEGACY exists",
        ),
        (
            f"CREATE STAGE {ANALYTICS}.PUBLIC.AZURE_STAGE_DDRC_LEGACY",
            f"{ANALYTICS}.PUBLIC.AZURE_STAGE_DDRC cannot be renamed",
        ),
        (
            f"CREATE TABLE {RAW}.{EPA}.MINE (_LOAD_ID TEXT)",
            f"{RAW}.{EPA} holds tables of both projects: PUBLIC_STATUS_ASSESSMENT without _LOAD_ID",
        ),
    ],
)
def test_where_a_name_is_not_free_it_does_nothing_at_all(
    made: str, message: str, old: OldAccount, capsys: Capture
) -> None:
    old.administrator.run(made)

    assert old.run("rename", "--apply") == 1

    assert message in capsys.readouterr().err
    assert old.sent == []


def test_the_printed_ways_back_lead_back(old: OldAccount, capsys: Capture) -> None:
    before = schemas(old), old.history(), set(old.warehouse.account.grants.parents)
    old.run("rename", "--apply")
    old.run("future-grants", "--apply")
    back = [
        line.removeprefix("--   back: ")
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("--   back: ")
    ]

    for statement in reversed(back):
        old.administrator.run(statement)

    assert (schemas(old), old.history(), set(old.warehouse.account.grants.parents)) == before
    loader = old.log_in("LOADER_DDRC_PRD")
    loader.run(f"CREATE TABLE {RAW}.{EPA}.AGAIN (A INT)")
    assert old.owner("TABLE", RAW, EPA, "AGAIN") == "RAW_DDRC_PRD_READWRITECONTROL"


def test_what_terraform_has_made_is_never_renamed(old: OldAccount) -> None:
    old.run("rename", "--apply")
    old.run("future-grants", "--apply")
    old.apply_terraform()
    transformer = old.log_in("TRANSFORMER_DDRC_PRD")
    transformer.run(f"CREATE SCHEMA {TRANSFORM}.AIRTABLE")
    old.sent.clear()

    assert old.run("rename", "--apply") == 0

    assert old.sent == []
    assert {"AIRTABLE", "AIRTABLE_LEGACY"} == schemas(old, TRANSFORM)
