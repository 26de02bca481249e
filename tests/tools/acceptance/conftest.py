"""The acceptance on the session's cloud: its logins, Fivetran's tables, and one prepared run."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from include import warehouse
from local import provision
from local.cloud import Cloud
from local.connections import snowflake_login
from local.ports import HOST
from tools.acceptance import checks, cli, trial
from tools.acceptance.account import CONNECTIONS, USERS, WAREHOUSES, variable_of
from tools.acceptance.outcomes import Outcome, Status
from tools.acceptance.trial import Trial, a_trial, clean

# One token for every run of the file, so that dbt parses its copy of the project once.
TOKEN = "0ACCE970"
RAW = "RAW_DDRC_DEV"
# The types that an account had in 2025, of the columns that are read.
FIVETRAN_TABLES = {
    "ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G.METRICS": {
        "ID": "TEXT",
        "_FIVETRAN_SYNCED": "TIMESTAMP_TZ",
        "METRIC": "FLOAT",
        "DATE_CREATED": "TIMESTAMP_TZ",
        "DATE_METRIC_MODIFIED": "TIMESTAMP_TZ",
        "AS_OF_LABEL": "TEXT",
        "METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_": "VARIANT",
        "METRIC_NAME_FROM_METRIC_DEFINITION_": "VARIANT",
        "METRIC_TYPE_FROM_METRIC_DEFINITION_": "VARIANT",
        "METRIC_UNIT_LABEL_FROM_METRIC_DEFINITION_": "VARIANT",
        "UPDATE_FREQUENCY_FROM_METRIC_DEFINITION_": "VARIANT",
        "TOPIC_FROM_METRIC_DEFINITION_": "VARIANT",
    },
    "ODI_DYNAMODB.LA_FIRES_PAGE_FEEDBACK": {
        "FEEDBACK_KEY": "TEXT",
        "SITE_DOMAIN": "TEXT",
        "PAGE": "TEXT",
        "PAGE_SECTION": "TEXT",
        "URL": "TEXT",
        "COMMENTS": "TEXT",
        "TIME": "NUMBER",
        "IS_HELPFUL": "BOOLEAN",
        "_FIVETRAN_SYNCED": "TIMESTAMP_TZ",
        "_FIVETRAN_DELETED": "BOOLEAN",
    },
}


def login(cloud: Cloud, role: str, user: str, compute: warehouse.Compute) -> str:
    """An Airflow connection of a user to the emulated account."""
    address = {"host": HOST, "port": cloud.ports.snowflake}
    extra = {
        "account": "local",
        "role": role,
        "warehouse": warehouse.compute(compute),
        "database": snowflake_login("reporter")["database"],
        "private_key_content": cloud.credentials.private_key,
        **address,
    }
    return json.dumps({"conn_type": "snowflake", "login": user, "extra": extra, **address})


def administer(cloud: Cloud, *statements: str) -> None:
    """Run statements as the account's administrator."""
    with closing(provision.connect(cloud)) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(scope="module")
def logins(cloud: Cloud) -> Iterator[None]:
    """A login of every role; READER's is a person's, and AUDITOR is an administrator."""
    with pytest.MonkeyPatch.context() as patch:
        for role, connection in CONNECTIONS.items():
            user = f"{USERS[role]}_DDRC_DEV" if role in USERS else "PROVISIONER"
            patch.setenv(
                variable_of(connection), login(cloud, f"{role}_DDRC_DEV", user, WAREHOUSES[role])
            )
        auditor = login(cloud, "ACCOUNTADMIN", "PROVISIONER", "REPORTING")
        patch.setenv("AIRFLOW_CONN_SNOWFLAKE_AUDITOR", auditor)
        patch.setenv("AIRFLOW__LOGGING__LOGGING_LEVEL", "CRITICAL")
        yield


@pytest.fixture(scope="module")
def fivetran_tables(cloud: Cloud) -> Iterator[None]:
    """The tables of Fivetran's connectors, as an account has them after the first sync."""
    schemas = [f"{RAW}.{name.partition('.')[0]}" for name in FIVETRAN_TABLES]
    role = "USE ROLE FIVETRAN_DDRC_DEV"
    administer(
        cloud,
        role,
        *(f"CREATE SCHEMA IF NOT EXISTS {schema}" for schema in schemas),
        *(
            f"CREATE OR REPLACE TABLE {RAW}.{name}"
            f" ({', '.join(f'{column} {kind}' for column, kind in columns.items())})"
            for name, columns in FIVETRAN_TABLES.items()
        ),
    )
    yield
    administer(cloud, role, *(f"DROP SCHEMA {schema}" for schema in schemas))


@pytest.fixture(scope="module")
def one_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every run has the same token and folder."""
    folder = tmp_path_factory.mktemp("acceptance")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trial, "TemporaryDirectory", lambda **_: nullcontext(str(folder)))
        patch.setattr(cli, "new_token", lambda: TOKEN)
        yield folder


@dataclass(frozen=True)
class Run:
    """A run of the command."""

    code: int
    output: str
    report: str


@pytest.fixture(scope="module")
def whole(
    cloud: Cloud, logins: None, fivetran_tables: None, one_folder: Path, capfd_module: "Output"
) -> Run:
    """A run of the whole command."""
    file = one_folder / "report.md"
    code = cli.main(["--report", str(file)])
    return Run(code, capfd_module.read(), file.read_text())


class Output:
    """What a module's fixtures print."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def write(self, *values: object, **_: object) -> None:
        """Take the arguments of `print`."""
        self.lines.append(" ".join(map(str, values)))

    def read(self) -> str:
        """All lines."""
        return "\n".join(self.lines)


@pytest.fixture(scope="module")
def capfd_module() -> Iterator[Output]:
    """The command's output, in a fixture that lasts longer than a test."""
    output = Output()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cli, "print", output.write, raising=False)
        yield output


@dataclass
class Prepared:
    """A run whose rows, tables and files exist, and an account in which faults are made.

    Attributes:
        trial: The run.
        cloud: The account's cloud.
        patch: Takes back what a test patches.
        undo: Statements that take back what a test has made in the account.
    """

    trial: Trial
    cloud: Cloud
    patch: pytest.MonkeyPatch
    undo: ExitStack = field(default_factory=ExitStack)

    def sql(self, statement: str, undo: str) -> None:
        """Change the account, and take it back after the test."""
        administer(self.cloud, statement)
        self.undo.callback(administer, self.cloud, undo)
        # A session keeps the parameters and the role that it began with.
        self.trial.account.close()

    def check(self, name: str, subject: str = "") -> Outcome:
        """Run one check."""
        [check] = [each for each in checks.CHECKS if each.id == name]
        return checks.run_check(self.trial, check, subject)


@contextmanager
def prepared_trial() -> Iterator[Trial]:
    """A run whose checks have made what others need."""
    with a_trial(TOKEN) as made:
        try:
            wanted = checks.chosen(["change_check", "dbt_build", "history"])
            outcomes = list(checks.run_checks(made, wanted))
            wrong = [one.detail for one in outcomes if one.status is not Status.PASS]
            assert wrong == []
            yield made
        finally:
            made.account.close()
            assert clean(made.account, made.prefix, made.candidates) == []


@pytest.fixture(scope="module")
def a_prepared_trial(logins: None, fivetran_tables: None, one_folder: Path) -> Iterator[Trial]:
    """The run in which every fault is tried."""
    with prepared_trial() as made:
        yield made


@pytest.fixture
def prepared(
    cloud: Cloud, a_prepared_trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Prepared]:
    """The prepared run; what a test changes is taken back."""
    made = Prepared(a_prepared_trial, cloud, monkeypatch)
    with made.undo:
        yield made
    a_prepared_trial.account.close()
