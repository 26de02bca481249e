"""The whole hand-over on an account in the old shape, with as many rows as there were."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from include.loaders import LoadReport, PermanentError
from include.sources import RawTable
from tests.loaders.layer import Layer
from tests.loaders.service import serving
from tests.loaders.warehouse import Warehouse, patient
from tests.tools.cutover.old_account import AIRTABLE, EPA, FEEDBACK, RAW, TABLES, OldAccount
from tests.tools.cutover.over_tls import log_in, served

TABLE = "PUBLIC_STATUS_ASSESSMENT"
ALL_ROWS = 10_000_000
COMMANDS = (
    ("list",),
    ("rename",),
    ("rename", "--apply"),
    ("future-grants", "--apply"),
    ("imports",),
    ("terraform",),
    ("fivetran", "--apply"),
    ("future-grants", "--all", "--apply"),
)
History = dict[str, tuple[int, int]]


@dataclass
class HandedOver:
    """What was seen after each command, and the account afterwards."""

    account: OldAccount
    before: History
    after: dict[str, History]
    codes: dict[str, int]
    report: LoadReport


@pytest.fixture(scope="module")
def done(
    accounts: Callable[[int], OldAccount], tmp_path_factory: pytest.TempPathFactory
) -> HandedOver:
    old = accounts(ALL_ROWS)
    before, after, codes = old.history(), {}, {}
    for command in COMMANDS:
        name = " ".join(command)
        codes[name] = 0 if command == ("terraform",) else old.run(*command)
        if command == ("terraform",):
            old.apply_terraform()
        after[name] = old.history()
    report = load(old, tmp_path_factory.mktemp("certificates"), "LOADER_DDRC_PRD")
    after["load"] = old.history()
    return HandedOver(old, before, after, codes, report)


def load(old: OldAccount, folder: Path, role: str, **options: Any) -> LoadReport:
    """Load a small layer into the EPA's table, as the loader does, in a session of a role."""
    with served(old.warehouse.account, folder) as port, serving(Layer().answer) as service:
        connection = log_in(port, role)
        table = RawTable(EPA, TABLE)
        with nullcontext(Warehouse(connection, RAW, table, service.url, count(1))) as warehouse:
            try:
                return warehouse.load(replace(patient(), **options))
            finally:
                connection.close()


def test_no_command_and_no_load_changes_a_row_of_the_old_tables(done: HandedOver) -> None:
    assert {name: rows for name, (rows, _) in done.before.items()} == {
        name: rows for (_, name), (_, _, rows) in TABLES.items()
    }
    assert done.after == dict.fromkeys(done.after, done.before)
    assert set(done.codes.values()) == {0}


def test_then_the_loader_fills_the_new_schema_and_owns_its_table(done: HandedOver) -> None:
    assert done.report.rows == 10
    rows = done.account.administrator.run(f"SELECT COUNT(_LOAD_ID) FROM {RAW}.{EPA}.{TABLE}")
    assert rows == [(10,)]
    assert done.account.owner("TABLE", RAW, EPA, TABLE) == "LOADER_DDRC_PRD"
    assert done.account.owner("SCHEMA", RAW, EPA) == "SYSADMIN"


def test_what_was_renamed_still_belongs_to_and_is_read_by_the_earlier_roles(
    done: HandedOver,
) -> None:
    old_loader = done.account.log_in("LOADER_DDRC_PRD_LEGACY")

    assert old_loader.may(f"SELECT * FROM {RAW}.{EPA}_LEGACY.{TABLE} LIMIT 1")
    assert old_loader.may(
        f'INSERT INTO {RAW}.{EPA}_LEGACY.{TABLE} ("OBJECTID") SELECT 1 WHERE 1 = 0'
    )


def test_the_new_roles_have_nothing_in_the_earlier_schemas(done: HandedOver) -> None:
    for role in ("LOADER", "REPORTER", "DASHBOARD", "READER"):
        session = done.account.log_in(f"{role}_DDRC_PRD")
        assert not session.may(f"SELECT * FROM {RAW}.{EPA}_LEGACY.{TABLE} LIMIT 1"), role


def test_fivetran_may_change_its_tables_and_the_earlier_roles_still_read_them(
    done: HandedOver,
) -> None:
    metrics = f"{RAW}.{AIRTABLE}.METRICS"
    fivetran = done.account.log_in("FIVETRAN_DDRC_PRD")
    reader = done.account.log_in("READER_DDRC_PRD_LEGACY")

    assert fivetran.may(f"ALTER TABLE {metrics} ADD COLUMN IF NOT EXISTS NEW_FIELD TEXT")
    assert reader.may(f"SELECT * FROM {metrics} LIMIT 1")
    assert done.account.owner("VIEW", *FEEDBACK.split(".")) == "RAW_DDRC_PRD_READWRITECONTROL"


def test_a_second_run_of_every_command_finds_nothing_to_do(
    done: HandedOver, capsys: pytest.CaptureFixture[str]
) -> None:
    sent = len(done.account.sent)
    for command in COMMANDS:
        if command[-1] == "--apply":
            assert done.account.run(*command) == 0
            assert capsys.readouterr().out.endswith("-- Nothing to do.\n"), command
    assert len(done.account.sent) == sent


def test_a_load_into_a_table_that_was_not_renamed_is_refused_whatever_drop_is_accepted(
    old: OldAccount, tmp_path: Path
) -> None:
    old.administrator.run(f"CREATE SCHEMA {RAW}.LOADING")
    before = old.history()

    with pytest.raises(PermanentError) as refused:
        load(old, tmp_path, "ACCOUNTADMIN", accept_drop="The daily copies are not needed any more")

    assert f"{RAW}.{EPA}.{TABLE} was not made by this loader" in str(refused.value)
    assert "docs/cutover.md" in str(refused.value)
    assert old.history() == before
