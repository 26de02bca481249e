"""An emulated account in this process, prepared as `make run` prepares the laptop's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from snowflake.connector.errors import ProgrammingError

from local import provision
from local.cloud import Cloud
from local.home import Home
from local.ports import Ports
from local.snowflake import fakesnow_patches
from local.snowflake.account import Account, Session
from local.snowflake.blobs import BlobStore
from local.snowflake.cursor import Cursor
from local.snowflake.engine import Engine
from local.snowflake.identity import Identity, Login
from local.snowflake.login import open_session
from tests.dashboard.in_memory import fakesnow_left_as_it_was

# Terraform's users by their role; people have the role READER, through their own users.
USERS = {
    "LOADER": "AIRFLOW_LOADER_DDRC_DEV",
    "TRANSFORMER": "AIRFLOW_TRANSFORMER_DDRC_DEV",
    "REPORTER": "AIRFLOW_REPORTER_DDRC_DEV",
    "FIVETRAN": "FIVETRAN_DDRC_DEV",
    "DASHBOARD": "DASHBOARD_DDRC_DEV",
}
RAW, TRANSFORM, ANALYTICS = "RAW_DDRC_DEV", "TRANSFORM_DDRC_DEV", "ANALYTICS_DDRC_DEV"
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Refusal:
    """The error of a refused statement."""

    number: int
    sqlstate: str
    text: str


@dataclass
class Role:
    """A session of one role."""

    session: Session

    def run(self, sql: str) -> Rows:
        """Run a statement; its rows."""
        rows: Rows = self.session.cursor().execute(sql).fetchall()
        return rows

    def refusal(self, sql: str) -> Refusal:
        """The error of a statement that must be refused."""
        with pytest.raises(ProgrammingError) as refused:
            self.session.cursor().execute(sql)
        error = refused.value
        return Refusal(error.errno, error.sqlstate, str(error.raw_msg))

    def may(self, sql: str) -> bool:
        """False if a statement is refused for its privileges."""
        try:
            self.session.cursor().execute(sql)
        except ProgrammingError as error:
            if error.errno not in (2003, 2043, 3001, 3041):
                raise
            return False
        return True


@dataclass
class Warehouse:
    """An account and its sessions."""

    account: Account

    def log_in(self, role: str, user: str = "PROVISIONER", database: str | None = None) -> Role:
        """A session of a user, with the role of this name."""
        login = Login(Identity(user, role, account="LAPTOP"), database, "PUBLIC")
        return Role(open_session(self.account, login)[1])

    def as_(self, role: str) -> Role:
        """A session of Terraform's user of this role, on its default warehouse."""
        name = f"{role}_DDRC_DEV"
        opened = self.log_in(name, USERS.get(role, "PROVISIONER"))
        if role == "READER":
            opened.run("USE WAREHOUSE REPORTING_XS_DDRC_DEV")
        return opened


@contextmanager
def started(folder: Path) -> Iterator[Warehouse]:
    """An account with its databases in a folder."""
    with fakesnow_left_as_it_was():
        fakesnow_patches.apply(folder / "stages")
        blobs = Mock(BlobStore, write=Mock(return_value=True), read=Mock(return_value=[]))
        account = Account(Engine(folder), blobs, Cursor)
        yield Warehouse(account)
        account.close()


def prepare(warehouse: Warehouse, folder: Path) -> None:
    """What Terraform makes, and then what each role makes in its first run."""
    administrator = warehouse.log_in("ACCOUNTADMIN")
    for statement in provision.statements(Cloud(Home(folder), Ports(*range(1, 7)))):
        administrator.run(statement)
    for role, statements in MADE.items():
        opened = warehouse.as_(role)
        for statement in statements:
            opened.run(statement)


MADE = {
    "LOADER": (
        f"CREATE TABLE {RAW}.EPA_AGOL_ASSESSMENT.PARCELS (A INT)",
        f"CREATE TABLE {RAW}.LOADING.LOAD_LOG (A INT)",
    ),
    "FIVETRAN": (
        f"CREATE SCHEMA {RAW}.ODI_DYNAMODB",
        f"CREATE TABLE {RAW}.ODI_DYNAMODB.FEEDBACK (COMMENTS VARCHAR)",
        f"CREATE SCHEMA {RAW}.ODI_AIRTABLE",
        f"CREATE TABLE {RAW}.ODI_AIRTABLE.METRICS (CONTACT VARCHAR)",
    ),
    "TRANSFORMER": (
        f"CREATE SCHEMA {TRANSFORM}.STAGING",
        f"CREATE VIEW {TRANSFORM}.STAGING.FEEDBACK AS SELECT * FROM {RAW}.ODI_DYNAMODB.FEEDBACK",
        f"CREATE SCHEMA {ANALYTICS}.METRICS",
        f"CREATE TABLE {ANALYTICS}.METRICS.EPA AS SELECT * FROM {RAW}.EPA_AGOL_ASSESSMENT.PARCELS",
        f"CREATE VIEW {ANALYTICS}.METRICS.ANSWERS AS"
        f" SELECT COUNT(*) AS N FROM {TRANSFORM}.STAGING.FEEDBACK",
    ),
}
