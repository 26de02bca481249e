"""The dbt project in an environment of its own, parsed once and built once."""

from dataclasses import dataclass
from typing import Any

import pytest

from local import provision
from local.cloud import Cloud
from tests.transform.project import (
    MARTS_DATABASE,
    NO_UNIT_TESTS,
    STAGING_DATABASE,
    Outcome,
    Project,
)
from tests.transform.released import read_own_files, release_all
from tests.transform.rows import EXPECTED, TABLES, WORLD

METRICS = f"{MARTS_DATABASE}.METRICS"
HISTORY = f"{MARTS_DATABASE}.HISTORY"
COPIES = f"{STAGING_DATABASE}.COPIES_OF_MARTS"
MARTS = (*EXPECTED, "ddrc_metrics")


@dataclass(frozen=True)
class Build:
    """A build's outcome, and the warehouse's contents right after it.

    Attributes:
        outcome: The outcome of the command.
        marts: The rows of each mart that was built.
        comments: Each column's comment, by database and relation, in lower case.
    """

    outcome: Outcome
    marts: dict[str, list[dict[str, Any]]]
    comments: dict[tuple[str, str], dict[str, str]]

    def need(self, *models: str) -> None:
        """Fail the running test, with dbt's messages, if one of the models was not built."""
        missing = [name for name in models if self.outcome.statuses.get(name) != "success"]
        if missing:
            reasons = self.outcome.message(*missing) or self.outcome.messages()
            pytest.fail(f"{', '.join(missing)} was not built.\n{reasons}", pytrace=False)

    def mart(self, name: str) -> list[dict[str, Any]]:
        """A mart's rows; a mart that was not built fails the test, with dbt's message."""
        self.need(name)
        return self.marts[name]


@pytest.fixture(scope="session")
def parsed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Outcome]:
    """The project with its manifest, and the outcome of parsing it."""
    project = Project(cloud, tmp_path_factory.mktemp("transform-target"))
    outcome = project.dbt("parse", "--show-all-deprecations")
    project.manifest = outcome.result
    return project, outcome


@pytest.fixture(scope="session")
def project(parsed: tuple[Project, Outcome]) -> Project:
    """The project, with its environment provisioned as Terraform would."""
    project, _ = parsed
    with project.environment():
        provision.provision(project.cloud)
    read_own_files(project)
    release_all(project)
    return project


@pytest.fixture(scope="session")
def first_build(project: Project) -> Build:
    """`dbt build` of everything except unit tests, over the small data.

    A model that fails fails the tests that read it, and no other.
    """
    project.load(WORLD)
    outcome = project.dbt("build", *NO_UNIT_TESTS)
    built = outcome.named("success")
    marts = {name: project.mart(name) for name in MARTS if name in built}
    copies = [f"CREATE TABLE {COPIES}.{name} AS SELECT * FROM {METRICS}.{name}" for name in marts]
    weekly = "feedback_by_page_and_week"
    if weekly in built:
        marts[weekly] = project.mart(weekly, "PAGE_FEEDBACK")
    comments = _comments(project)
    project.execute_as_dbt(f"CREATE SCHEMA {COPIES}", *copies)
    return Build(outcome, marts, comments)


@pytest.fixture(scope="session")
def unit_tests(project: Project, first_build: Build) -> Outcome:
    """All unit tests, once the relations are there whose columns dbt looks up."""
    return project.dbt("test", "--select", "test_type:unit")


@pytest.fixture
def world(project: Project, first_build: Build) -> Project:
    """The project, with every metrics mart restored to its state after the first build."""
    built = [name for name in MARTS if name in first_build.marts]
    tables = (f"{METRICS}.{name} AS SELECT * FROM {COPIES}.{name}" for name in built)
    project.execute_as_dbt(*(f"CREATE OR REPLACE TABLE {table}" for table in tables))
    return project


@pytest.fixture
def usace(world: Project, first_build: Build) -> Project:
    """The same, with USACE's mart built and its small data in the raw table."""
    first_build.need("usace_metrics")
    world.load({TABLES["usace"]: WORLD[TABLES["usace"]]})
    return world


@pytest.fixture
def all_marts(world: Project, first_build: Build) -> Project:
    """The same, with every metrics mart built."""
    first_build.need(*MARTS)
    return world


def _comments(project: Project) -> dict[tuple[str, str], dict[str, str]]:
    comments: dict[tuple[str, str], dict[str, str]] = {}
    for database in (STAGING_DATABASE, MARTS_DATABASE):
        for row in project.execute(
            f"SELECT table_name, column_name, comment FROM {database}.INFORMATION_SCHEMA.COLUMNS"
            " WHERE table_schema NOT IN ('INFORMATION_SCHEMA', 'PUBLIC', 'HISTORY')"
        ):
            columns = comments.setdefault((database, row["TABLE_NAME"].lower()), {})
            columns[row["COLUMN_NAME"].lower()] = row["COMMENT"]
    return comments
