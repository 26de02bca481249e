"""An emulated account as the earlier project left it: its names, its roles and its tables.

The names and the grants are those of the public repositories cagov/caldata-ddrc-pipelines and
cagov/data-infrastructure (terraform/snowflake/modules); the tables' columns are some of those that
the former documents of its production account.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from snowflake.connector.errors import Error

from local import provision
from local.cloud import Cloud
from local.home import Home
from local.ports import Ports
from local.snowflake.described import Descriptions
from local.snowflake.grants import PROVISIONER, SYSTEM_GRANTS, SYSTEM_ROLES, Grants, User, read
from local.snowflake.privileges import may_use_warehouse
from tests.local.snowflake.in_process import Role, Warehouse, started
from tools.cutover.__main__ import main
from tools.cutover.account import Account, Row
from tools.cutover.login import refused

RAW, TRANSFORM, ANALYTICS = "RAW_DDRC_PRD", "TRANSFORM_DDRC_PRD", "ANALYTICS_DDRC_PRD"
EPA, USACE = "EPA_AGOL_ASSESSMENT", "USACE_AGOL_DEBRIS"
AIRTABLE = "ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G"
# By schema and name: the columns, a row as a query of the number i, and how many rows there were.
TABLES = {
    (EPA, "PUBLIC_STATUS_ASSESSMENT"): (
        '"Address" TEXT, "OBJECTID" NUMBER, "geometry" GEOGRAPHY, "_LOAD_DATE" DATE',
        "'W ALTADENA DR', i, NULL, date '2025-03-01' + (i // 13000)::INT",
        2_685_644,
    ),
    (USACE, "PARCEL_DEBRIS_REMOVAL"): (
        '"roe_status" TEXT, "OBJECTID" NUMBER, "_LOAD_DATE" DATE, "_LOADED_AT" TIMESTAMP_LTZ',
        "'Approved', i, date '2025-03-01' + (i // 20000)::INT,"
        " timestamptz '2025-03-01 08:00:00Z'",
        3_843_350,
    ),
    ("MALIBU_REBUILDS", "FIRE_REBUILD_POINTS"): (
        '"projectNumber" TEXT, "lat" TEXT, "caseType" TEXT, "_LOAD_DATE" DATE,'
        ' "_LOADED_AT" TIMESTAMP_LTZ',
        "'P' || i, '34.03', 'Rebuild', date '2025-06-01', timestamptz '2025-06-01 08:00:00Z'",
        3_279,
    ),
    ("PASADENA_AGOL", "EATON_FIRE_REBUILD_PERMITS"): (
        '"ID" NUMBER, "PERMIT_STATUS" TEXT, "geometry" GEOGRAPHY, "_LOAD_DATE" DATE',
        "i, 'Issued', NULL, date '2025-07-01'",
        1_186,
    ),
    (AIRTABLE, "METRICS"): (
        "ID TEXT, METRIC FLOAT, METRIC_DEFINITION VARIANT, _FIVETRAN_SYNCED TIMESTAMP_TZ",
        "'rec' || i, i, NULL, timestamptz '2025-08-01 08:00:00Z'",
        1_940,
    ),
    ("ODI_DYNAMODB", "FEEDBACK"): (
        "FEEDBACK_KEY TEXT, COMMENTS TEXT, _FIVETRAN_DELETED BOOLEAN",
        "'k' || i, 'x', FALSE",
        12,
    ),
}  # fmt: skip
FEEDBACK = f"{RAW}.ODI_DYNAMODB.LA_FIRES_PAGE_FEEDBACK"
# The functional roles with the access roles that each has.
FUNCTIONAL = {
    "LOADER": ("RAW_DDRC_PRD_READWRITECONTROL",),
    "TRANSFORMER": (
        "RAW_DDRC_PRD_READ", "TRANSFORM_DDRC_PRD_READWRITECONTROL",
        "ANALYTICS_DDRC_PRD_READWRITECONTROL",
    ),
    "REPORTER": ("ANALYTICS_DDRC_PRD_READ",),
    "READER": ("RAW_DDRC_PRD_READ", "TRANSFORM_DDRC_PRD_READ", "ANALYTICS_DDRC_PRD_READ"),
    "LOGGER": (),
}  # fmt: skip
WAREHOUSES = {"LOADING": "LOADER", "TRANSFORMING": "TRANSFORMER", "REPORTING": "REPORTER"}
OLD_USERS = {"AIRFLOW_SVC_USER": "LOADER", "DBT_SVC_USER": "TRANSFORMER"}


@dataclass
class OldAccount:
    """The account, its administrator, and what the tool has sent to it."""

    warehouse: Warehouse
    administrator: Role
    folder: Path
    sent: list[str] = field(default_factory=list)
    # Statements that begin so are refused: an interruption.
    refuses: str = ""
    # A table that gets a row with each change, as from a running sync.
    grows: str = ""

    def run(self, *arguments: str) -> int:
        """Run the tool's command line; its exit code."""
        return main(["--environment", "PRD", *arguments], {}, self.connect)

    @contextmanager
    def connect(self, environment: Mapping[str, str]) -> Iterator[Account]:
        """The account as the tool sees it."""
        yield Account(self._send)

    def log_in(self, role: str) -> Role:
        """A session of a role, on a warehouse that it may use."""
        opened = self.warehouse.log_in(role, database=RAW)
        names = self.warehouse.account.warehouses.by_name
        usable = [name for name in names if may_use_warehouse(opened.session, name)]
        opened.session.identity.warehouse = usable[0]
        return opened

    def history(self) -> dict[str, tuple[int, int]]:
        """Each old table's number of rows and a hash of them, wherever the table is."""
        names = {name for _, name in TABLES}
        connection = self.administrator.session.connection
        found = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ?"
            " AND list_contains(?, table_name) ORDER BY 2, 1",
            [RAW, sorted(names)],
        ).fetchall()
        return {
            name: connection.execute(
                f'SELECT COUNT(*), SUM(HASH(t)) FROM "{RAW}"."{schema}"."{name}" t'
            ).fetchall()[0]
            for schema, name in found
            if not self._has_load_id(schema, name)
        }

    def owner(self, kind: str, *name: str) -> str:
        """The role that owns an object."""
        found = self.warehouse.account.owners.find(kind, name)
        assert found is not None, (kind, name)
        return found.role

    def apply_terraform(self) -> None:
        """Make what Terraform makes; a name that is taken fails, except those of the databases."""
        planned, grants = read(), self.warehouse.account.grants
        environment = [role for role in planned.parents if "_DDRC_PRD" in role]
        for role in environment:
            self.administrator.run(f"CREATE ROLE {role} COMMENT = '{COMMENT}'")
            grants.add_role(role, *planned.parents[role])
        for role, of in planned.privileges.items():
            for on in (on for on in of if "_DDRC_PRD" in on):
                grants.add(role, on, set(of[on]))
        for name in (name for name in planned.users if "_PRD" in name):
            self.administrator.run(f"CREATE USER {name} COMMENT = '{COMMENT}'")
        grants.users |= {name: one for name, one in planned.users.items() if "_PRD" in name}
        makers = {"SCHEMA": "SYSADMIN", "STAGE": "SYSADMIN"}
        for statement in provision.statements(Cloud(Home(self.folder), Ports(*range(1, 7)))):
            if "DATABASE" in statement or "ROLE IF" in statement or ".PUBLIC;" in f"{statement};":
                continue
            kind = statement.removeprefix("CREATE OR REPLACE ").split()[0]
            made = statement.replace("OR REPLACE ", "").replace("IF NOT EXISTS ", "")
            if kind == "STAGE":
                made += f" COMMENT = '{STAGE_COMMENT}'"
            if made.startswith("CREATE WAREHOUSE"):
                made += f" COMMENT = '{WAREHOUSE_COMMENT}'"
            role = makers.get(made.split()[1], "ACCOUNTADMIN")
            self.warehouse.log_in(role, database=ANALYTICS).run(made)

    def _has_load_id(self, schema: str, name: str) -> bool:
        query = (
            "SELECT 1 FROM duckdb_columns() WHERE database_name = ? AND schema_name = ?"
            " AND table_name = ? AND column_name = '_LOAD_ID'"
        )
        connection = self.administrator.session.connection
        return connection.execute(query, [RAW, schema, name]).fetchone() is not None

    def _send(self, statement: str) -> list[Row]:
        if self.refuses and statement.startswith(self.refuses):
            raise refused(statement, RuntimeError("Insufficient privileges to operate on it."))
        if not statement.startswith("SHOW "):
            self.sent.append(statement)
        cursor: Any = self.administrator.session.cursor()
        try:
            rows = cursor.execute(statement).fetchall()
        except Error as error:
            raise refused(statement, error) from error
        if self.grows and self.grows.split(".")[1] in statement and statement[:4] != "SHOW":
            self.administrator.session.identity.warehouse = "OF_ADMINISTRATOR"
            self.administrator.run(f"INSERT INTO {self.grows} (ID) VALUES (7)")
        columns = [one.name for one in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in rows]


# Texts of terraform/modules.
COMMENT = "Used by Fivetran: creates its own schemas in RAW and sees no others."
STAGE_COMMENT = "Receives unloaded metrics before the audit."
WAREHOUSE_COMMENT = "The dashboard and analysts."


@dataclass(frozen=True)
class Kept:
    """What the emulator stores in no file of an account that was made before."""

    folder: Path
    grants: Grants
    described: Descriptions


@contextmanager
def old_account(folder: Path, most_rows: int) -> Iterator[OldAccount]:
    """An account in the old shape.

    Args:
        folder: For its databases.
        most_rows: Rows of a table at most; the real ones have up to 3,843,350.
    """
    with started(folder) as warehouse:
        warehouse.account.grants = _system_grants()
        opened = OldAccount(warehouse, warehouse.log_in("ACCOUNTADMIN"), folder)
        system = warehouse.log_in("SYSADMIN")
        for statement in _statements():
            as_ = system if statement.startswith("CREATE DATABASE") else opened.administrator
            as_.run(statement)
        for name, role in OLD_USERS.items():
            warehouse.account.grants.users[f"{name}_DDRC_PRD"] = User(
                [f"{role}_DDRC_PRD"], f"{role}_DDRC_PRD", "LOADING_XS_DDRC_PRD"
            )
        _fill(opened, most_rows)
        yield opened


def keep(folder: Path, most_rows: int) -> Kept:
    """Make an account in the old shape, for copies."""
    with old_account(folder, most_rows) as made:
        account = made.warehouse.account
        return Kept(folder, deepcopy(account.grants), deepcopy(account.described))


@contextmanager
def copy_of(kept: Kept, folder: Path) -> Iterator[OldAccount]:
    """A copy of an account in the old shape, which is quicker than to make one."""
    shutil.copytree(kept.folder, folder)
    with started(folder) as warehouse:
        warehouse.account.grants = deepcopy(kept.grants)
        warehouse.account.described = deepcopy(kept.described)
        yield OldAccount(warehouse, warehouse.log_in("ACCOUNTADMIN"), folder)


def _system_grants() -> Grants:
    grants = Grants()
    for role, parents in SYSTEM_ROLES.items():
        grants.add_role(role, *parents)
    for role, privileges in SYSTEM_GRANTS.items():
        grants.add(role, "ACCOUNT", set(privileges))
    grants.users[PROVISIONER] = User(["ACCOUNTADMIN"], "ACCOUNTADMIN")
    return grants


def _statements() -> Iterator[str]:
    yield "CREATE WAREHOUSE OF_ADMINISTRATOR INITIALLY_SUSPENDED = TRUE"
    for database in (RAW, TRANSFORM, ANALYTICS):
        yield f"CREATE DATABASE {database}"
        for access in ("READ", "READWRITE", "READWRITECONTROL"):
            role = f"{database}_{access}"
            yield f"CREATE ROLE {role} COMMENT = '{access} access to {database}'"
            yield f"GRANT ROLE {role} TO ROLE SYSADMIN"
            yield f"GRANT USAGE ON DATABASE {database} TO ROLE {role}"
            yield f"GRANT USAGE ON FUTURE SCHEMAS IN DATABASE {database} TO ROLE {role}"
            yield f"GRANT SELECT ON FUTURE TABLES IN DATABASE {database} TO ROLE {role}"
            yield f"GRANT SELECT ON FUTURE VIEWS IN DATABASE {database} TO ROLE {role}"
        yield f"GRANT CREATE SCHEMA ON DATABASE {database} TO ROLE {role}"
        for plural in ("SCHEMAS", "TABLES", "VIEWS"):
            yield f"GRANT OWNERSHIP ON FUTURE {plural} IN DATABASE {database} TO ROLE {role}"
    for name, inherits in FUNCTIONAL.items():
        yield f"CREATE ROLE {name}_DDRC_PRD COMMENT = 'Permissions of the earlier project'"
        yield f"GRANT ROLE {name}_DDRC_PRD TO ROLE SYSADMIN"
        for access in inherits:
            yield f"GRANT ROLE {access} TO ROLE {name}_DDRC_PRD"
    for kind, role in WAREHOUSES.items():
        for size in ("XS", "XL"):
            yield f"CREATE WAREHOUSE {kind}_{size}_DDRC_PRD INITIALLY_SUSPENDED = TRUE"
            yield f"GRANT USAGE ON WAREHOUSE {kind}_{size}_DDRC_PRD TO ROLE {role}_DDRC_PRD"
    yield "GRANT USAGE ON WAREHOUSE REPORTING_XS_DDRC_PRD TO ROLE READER_DDRC_PRD"
    yield "CREATE STORAGE INTEGRATION DDRC_PRD TYPE = EXTERNAL_STAGE COMMENT = 'Old'"
    yield (
        f"CREATE STAGE {ANALYTICS}.PUBLIC.AZURE_STAGE_DDRC"
        " URL = 'azure://theirs.blob.core.windows.net/public/'"
        " STORAGE_INTEGRATION = DDRC_PRD COMMENT = 'The earlier unloads'"
    )


def _fill(opened: OldAccount, most_rows: int) -> None:
    loader, transformer = opened.log_in("LOADER_DDRC_PRD"), opened.log_in("TRANSFORMER_DDRC_PRD")
    for (schema, name), (columns, values, rows) in TABLES.items():
        loader.run(f"CREATE SCHEMA IF NOT EXISTS {RAW}.{schema}")
        loader.run(f"CREATE TABLE {RAW}.{schema}.{name} ({columns})")
        loader.session.connection.execute(
            f'INSERT INTO "{RAW}"."{schema}"."{name}"'
            f" SELECT {values} FROM range({min(rows, most_rows)}) AS r(i)"
        )
        # What the future grants gave the table; Snowflake keeps it when those are revoked.
        reads = f"TO ROLE {RAW}_READ"
        opened.administrator.run(f"GRANT USAGE ON SCHEMA {RAW}.{schema} {reads}")
        opened.administrator.run(f"GRANT SELECT ON TABLE {RAW}.{schema}.{name} {reads}")
    loader.run(f"CREATE VIEW {FEEDBACK} AS SELECT * FROM {RAW}.ODI_DYNAMODB.FEEDBACK")
    transformer.run(f"CREATE SCHEMA {TRANSFORM}.AIRTABLE")
    transformer.run(
        f"CREATE VIEW {TRANSFORM}.AIRTABLE.STG_AIRTABLE__METRICS AS"
        f" SELECT ID FROM {RAW}.{AIRTABLE}.METRICS"
    )
    transformer.run(f"CREATE SCHEMA {ANALYTICS}.SUMMARY")
    transformer.run(f"CREATE TABLE {ANALYTICS}.SUMMARY.DDRC_METRICS_SUMMARY (METRIC_NAME TEXT)")
