"""The project's relations: their names, tags, columns, documentation, and their SQL."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlfluff
from dbt.contracts.graph.manifest import Manifest

from include import warehouse
from tests.transform.conftest import Build
from tests.transform.project import MARTS_DATABASE, STAGING_DATABASE, Project
from tests.transform.raw_tables import COLUMNS, qualified

SOURCES = {"airtable", "epa", "malibu", "page_feedback", "pasadena", "usace"}
PRIVATE = ("contact", "email", "modified_by")


@pytest.fixture(scope="module")
def manifest(project: Project) -> Manifest:
    outcome = project.dbt("parse", "--no-partial-parse", "--show-all-deprecations")
    assert outcome.warnings == []
    return outcome.result


@pytest.fixture(scope="module")
def columns(project: Project, first_build: Build) -> dict[tuple[str, str], set[str]]:
    """The columns of every relation that the build made, by (database, relation)."""
    found: dict[tuple[str, str], set[str]] = {}
    for database in (STAGING_DATABASE, MARTS_DATABASE):
        for row in project.execute(
            f"SELECT table_name, column_name FROM {database}.INFORMATION_SCHEMA.COLUMNS"
            " WHERE table_schema LIKE 'DEVELOPER!_%' ESCAPE '!'"
        ):
            relation = (database, row["TABLE_NAME"].lower())
            found.setdefault(relation, set()).add(row["COLUMN_NAME"].lower())
    return found


def models(manifest: Manifest) -> Iterator[Any]:
    return (node for node in manifest.nodes.values() if node.resource_type == "model")


@pytest.mark.parametrize(
    ("environment", "prefix"), [("DEV", "DEVELOPER"), ("DEV", "ada"), ("PRD", "ignored")]
)
def test_metrics_marts_are_where_the_rest_of_the_project_looks(
    environment: str, prefix: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"DDRC_ENV": environment, "DDRC_SCHEMA_PREFIX": prefix}
    here = Project(project.target / environment / prefix, {**project.environment, **names})
    made = {node.name: node.relation_name.upper() for node in models(here.dbt("parse").result)}
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    marts = [name for name in made if name.endswith("_metrics") and "__" not in name]
    assert len(marts) == len(SOURCES) + 1
    assert {name: made[name] for name in marts} == {
        name: warehouse.metrics_table(name) for name in marts
    }
    assert made["stg_epa__parcels"] == (
        f"{warehouse.database('TRANSFORM')}.{warehouse.schema_prefix()}EPA.STG_EPA__PARCELS"
    )


def test_an_unknown_environment_is_refused(project: Project) -> None:
    elsewhere = Project(project.target / "staging", {**project.environment, "DDRC_ENV": "STAGING"})
    with pytest.raises(Exception, match="DDRC_ENV is 'STAGING'"):
        elsewhere.dbt("parse", "--target", "dev")


def test_each_model_belongs_to_one_source_or_to_the_publication(manifest: Manifest) -> None:
    tags = {node.name: set(node.tags) for node in models(manifest)}
    assert {name for name, of in tags.items() if len(of & {*SOURCES, "publish"}) != 1} == set()
    assert {name for name, of in tags.items() if "publish" in of} == {"ddrc_metrics"}


def test_raw_tables_are_those_that_the_loaders_fill(manifest: Manifest) -> None:
    read = {node.relation_name for node in manifest.sources.values()}
    assert read == {qualified(table) for table in COLUMNS}


def test_every_column_is_documented_and_every_documented_column_is_there(
    manifest: Manifest, columns: dict[tuple[str, str], set[str]]
) -> None:
    documented = {(node.database, node.name): set(node.columns) for node in models(manifest)}
    assert documented == columns
    for node in models(manifest):
        assert node.description, node.name
        assert all(column.description for column in node.columns.values()), node.name


def test_descriptions_reach_the_warehouse(project: Project, first_build: Build) -> None:
    rows = project.execute(
        f"SELECT column_name, comment FROM {MARTS_DATABASE}.INFORMATION_SCHEMA.COLUMNS"
        " WHERE table_name = 'DDRC_METRICS' AND table_schema = 'DEVELOPER_METRICS'"
    )
    assert len(rows) == 6
    assert all(row["COMMENT"] for row in rows)


def test_contacts_stay_in_the_raw_table(columns: dict[tuple[str, str], set[str]]) -> None:
    names = {name for of in columns.values() for name in of}
    assert {name for name in names if any(word in name for word in PRIVATE)} == set()


def test_comments_from_the_public_reach_no_mart(columns: dict[tuple[str, str], set[str]]) -> None:
    marts = {
        name for (database, _), of in columns.items() if database == MARTS_DATABASE for name in of
    }
    assert marts
    assert {name for name in marts if "comment" in name} == set()


def test_what_is_sent_is_sql_that_snowflake_documents(first_build: Build) -> None:
    nodes = [each.node for each in first_build.outcome.result.results]
    sent = {node.name: node.compiled_code for node in nodes if node.resource_type != "unit_test"}
    assert len(sent) > 50
    # The tests' SQL repeats itself: one of each kind is enough.
    kinds = {name.split("_stg_")[0].split("_" + "metrics_")[0]: sql for name, sql in sent.items()}
    unparsable = [name for name, sql in kinds.items() if not parses(sql)]
    assert unparsable == []


def parses(sql: str) -> bool:
    try:
        sqlfluff.parse(f"{sql}\n", dialect="snowflake")
    except sqlfluff.api.APIParsingError:
        return False
    return True
