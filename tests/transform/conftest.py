"""The dbt project over an environment of its own, parsed once and built once."""

from dataclasses import dataclass
from typing import Any

import pytest

from local import provision
from local.cloud import Cloud
from tests.transform.project import (
    MARTS_DATABASE,
    RAW_DATABASE,
    STAGING_DATABASE,
    Outcome,
    Project,
)
from tests.transform.rows import EXPECTED, WORLD

METRICS = f"{MARTS_DATABASE}.METRICS"
HISTORY = f"{MARTS_DATABASE}.HISTORY"
KEPT = f"{RAW_DATABASE}.KEPT_BY_TESTS"
MARTS = (*EXPECTED, "ddrc_metrics")


@dataclass(frozen=True)
class Build:
    """A build's outcome, and what was in the warehouse right after it.

    Attributes:
        marts: Each mart's rows.
        comments: Each column's comment, by database and relation, in lower case.
    """

    outcome: Outcome
    marts: dict[str, list[dict[str, Any]]]
    comments: dict[tuple[str, str], dict[str, str]]


@pytest.fixture(scope="session")
def parsed(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Outcome]:
    """The project with its manifest, and what dbt said when it made that."""
    project = Project(cloud, tmp_path_factory.mktemp("transform-target"))
    outcome = project.dbt("parse", "--show-all-deprecations")
    project.manifest = outcome.result
    return project, outcome


@pytest.fixture(scope="session")
def project(parsed: tuple[Project, Outcome]) -> Project:
    """The project, its environment provisioned as Terraform would."""
    project, _ = parsed
    with project.surroundings():
        provision.provision(project.cloud)
    return project


@pytest.fixture(scope="session")
def first_build(project: Project) -> Build:
    """`dbt build` of everything, unit tests included, over the rows of `WORLD`."""
    project.load(WORLD)
    outcome = project.dbt("build")
    assert outcome.success, outcome.messages()
    marts = {name: project.mart(name) for name in MARTS}
    marts["feedback_by_page_and_week"] = project.mart("feedback_by_page_and_week", "PAGE_FEEDBACK")
    copies = (f"CREATE TABLE {KEPT}.{name} AS SELECT * FROM {METRICS}.{name}" for name in MARTS)
    comments = _comments(project)
    project.execute(f"CREATE SCHEMA {KEPT}", *copies)
    return Build(outcome, marts, comments)


@pytest.fixture
def world(project: Project, first_build: Build) -> Project:
    """The project with every metrics mart as the first build left it."""
    kept = (f"{METRICS}.{name} AS SELECT * FROM {KEPT}.{name}" for name in MARTS)
    project.execute(*(f"CREATE OR REPLACE TABLE {each}" for each in kept))
    return project


def _comments(project: Project) -> dict[tuple[str, str], dict[str, str]]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for database in (STAGING_DATABASE, MARTS_DATABASE):
        for row in project.execute(
            f"SELECT table_name, column_name, comment FROM {database}.INFORMATION_SCHEMA.COLUMNS"
            " WHERE table_schema NOT IN ('INFORMATION_SCHEMA', 'PUBLIC', 'HISTORY')"
        ):
            columns = found.setdefault((database, row["TABLE_NAME"].lower()), {})
            columns[row["COLUMN_NAME"].lower()] = row["COMMENT"]
    return found
