"""Schemas are dropped in the emulated account, as TRANSFORMER and by prefix."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from include.times import utc_now
from local import provision
from local.cloud import Cloud
from tests.tools.acceptance.conftest import administer, login
from tools.acceptance.account import Account
from tools.dev_schemas.__main__ import LOGIN, main
from tools.dev_schemas.schemas import find_schemas

TRANSFORM, ANALYTICS = "TRANSFORM_DDRC_DEV", "ANALYTICS_DDRC_DEV"
SCHEMAS = (
    f"{TRANSFORM}.PR_1_EPA", f"{ANALYTICS}.PR_1_METRICS", f"{ANALYTICS}.PR_1_HISTORY",
    f"{ANALYTICS}.PR_12_METRICS", f"{TRANSFORM}.DEVELOPER_EPA",
)  # fmt: skip
FOREIGN = f"{ANALYTICS}.PR_1X"


@pytest.fixture
def account(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    """The schemas of two pull requests and of the deployment; one that SYSADMIN owns."""
    user = "AIRFLOW_TRANSFORMER_DDRC_DEV"
    monkeypatch.setenv(LOGIN, login(cloud, "TRANSFORMER_DDRC_DEV", user, "TRANSFORMING"))
    monkeypatch.setenv("DDRC_ENV", "DEV")
    monkeypatch.setenv("DDRC_SCHEMA_PREFIX", "ANA")
    administer(
        cloud,
        "USE ROLE TRANSFORMER_DDRC_DEV",
        *(f"CREATE SCHEMA IF NOT EXISTS {name}" for name in SCHEMAS),
        f"CREATE TABLE IF NOT EXISTS {SCHEMAS[1]}.MART (N NUMBER)",
        f"CREATE VIEW IF NOT EXISTS {SCHEMAS[0]}.STAGED AS SELECT 1 AS N",
        "USE ROLE SYSADMIN",
        f"CREATE SCHEMA IF NOT EXISTS {FOREIGN}",
    )
    made = Account("test")
    yield made
    made.close()
    administer(cloud, *(f"DROP SCHEMA IF EXISTS {name}" for name in (*SCHEMAS, FOREIGN)))


def left(cloud: Cloud) -> set[str]:
    """Those of the schemas that still exist."""
    with closing(provision.connect(cloud)) as connection, connection.cursor() as cursor:
        found = set()
        for database in (TRANSFORM, ANALYTICS):
            cursor.execute(f"SHOW SCHEMAS IN DATABASE {database}")
            at = [column[0] for column in cursor.description].index("name")
            found |= {f"{database}.{row[at]}" for row in cursor.fetchall()}
    return found & {*SCHEMAS, FOREIGN}


def later(days: int) -> datetime:
    return utc_now() + timedelta(days=days)


def test_a_closed_pull_requests_schemas_are_dropped_and_no_others(
    account: Account, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["drop", "pr_1"]) == 0
    assert left(cloud) == {*SCHEMAS[3:], FOREIGN}
    assert "PR_1, last built" in capsys.readouterr().out

    assert main(["drop", "PR_1"]) == 0
    assert capsys.readouterr().out == "PR_1: dropping nothing\n"


def test_after_a_month_without_a_build_schemas_are_dropped_but_the_deployments(
    account: Account, cloud: Cloud, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["expire"], lambda: later(29)) == 0
    assert capsys.readouterr().out == "No schemas are unused for 30 days.\n"
    assert main(["expire", "--dry-run"], lambda: later(31)) == 0
    assert left(cloud) == {*SCHEMAS, FOREIGN}

    assert main(["expire", "--keep", "pr_12"], lambda: later(31)) == 0
    assert left(cloud) == {*SCHEMAS[3:], FOREIGN}
    assert main(["expire"], lambda: later(31)) == 0
    assert left(cloud) == {SCHEMAS[4], FOREIGN}


def test_what_cannot_be_dropped_fails_the_command_and_is_named(
    account: Account,
    cloud: Cloud,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = find_schemas(account)
    monkeypatch.setattr("tools.dev_schemas.__main__.find_schemas", lambda _: found)
    name = SCHEMAS[3].replace(".", '"."')
    administer(cloud, f"GRANT OWNERSHIP ON SCHEMA {SCHEMAS[3]} TO ROLE SYSADMIN")

    assert main(["drop", "PR_12"]) == 1
    assert f'"{name}" could not be dropped: ' in capsys.readouterr().err
    assert SCHEMAS[3] in left(cloud)


def test_an_account_that_does_not_answer_fails_the_command(
    account: Account, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LOGIN, "not json")

    assert main(["expire"]) == 1
    assert capsys.readouterr().err.startswith("The schemas could not be listed: ")
