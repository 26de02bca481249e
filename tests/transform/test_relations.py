"""The relations of the dbt project: names, tags, columns, documentation and SQL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlfluff
from dbt.contracts.graph.manifest import Manifest

from include import warehouse
from include.sources import SOURCES
from local.cloud import Cloud
from tests.transform.conftest import Build
from tests.transform.project import MARTS_DATABASE, Outcome, Project
from tests.transform.raw_tables import COLUMNS, qualified

PRIVATE = ("contact", "email", "modified_by")


@pytest.fixture
def manifest(parsed: tuple[Project, Outcome]) -> Manifest:
    _, outcome = parsed
    manifest: Manifest = outcome.result
    return manifest


@pytest.fixture
def columns(first_build: Build) -> dict[tuple[str, str], set[str]]:
    """The columns of every relation that the build created, by database and name."""
    return {relation: set(comments) for relation, comments in first_build.comments.items()}


def models(manifest: Manifest) -> Iterator[Any]:
    return (node for node in manifest.nodes.values() if node.resource_type == "model")


def test_the_project_is_parsed_without_a_warning(parsed: tuple[Project, Outcome]) -> None:
    _, outcome = parsed
    assert outcome.warnings == []


def test_relations_have_the_names_that_python_derives_in_production(
    parsed: tuple[Project, Outcome],
) -> None:
    project, outcome = parsed
    check_names(project, outcome.result)


def test_relations_have_the_names_that_python_derives_for_a_developer(
    cloud: Cloud, tmp_path: Path
) -> None:
    ada = Project(cloud, tmp_path, {"DDRC_ENV": "DEV", "DDRC_SCHEMA_PREFIX": "ada"})
    check_names(ada, ada.dbt("parse").result)


def check_names(project: Project, manifest: Manifest) -> None:
    names = {node.name: node.relation_name.upper() for node in models(manifest)}
    marts = [name for name in names if name.endswith("_metrics") and "__" not in name]
    assert len(marts) == len(SOURCES) + 1
    with project.environment():
        assert {name: names[name] for name in marts} == {
            name: warehouse.metrics_table(name) for name in marts
        }
        schema = f"{warehouse.database('TRANSFORM')}.{warehouse.schema_prefix()}EPA"
    assert names["stg_epa__parcels"] == f"{schema}.STG_EPA__PARCELS"


def test_an_unknown_environment_is_refused(cloud: Cloud, tmp_path: Path) -> None:
    staging = Project(cloud, tmp_path, {"DDRC_ENV": "STAGING"})
    with pytest.raises(Exception, match="DDRC_ENV is 'STAGING'"):
        staging.dbt("parse", "--target", "dev")


def test_each_model_belongs_to_one_source_the_publication_or_the_daily_build(
    manifest: Manifest,
) -> None:
    tags = {node.name: set(node.tags) for node in models(manifest)}
    groups = {*SOURCES, "publish", "history"}
    assert {name for name, found in tags.items() if len(found & groups) != 1} == set()
    assert {name for name, found in tags.items() if "publish" in found} == {"ddrc_metrics"}


def test_raw_tables_are_those_that_the_loaders_fill(project: Project, manifest: Manifest) -> None:
    declared = {node.relation_name for node in manifest.sources.values()}
    with project.environment():
        assert declared == {qualified(table) for table in COLUMNS}


def test_every_column_is_documented_and_every_documented_column_exists(
    manifest: Manifest, columns: dict[tuple[str, str], set[str]], first_build: Build
) -> None:
    built = first_build.outcome.named("success")
    documented = {
        (node.database, node.name): set(node.columns)
        for node in models(manifest)
        if node.name in built
    }
    assert documented == columns
    for node in models(manifest):
        assert node.description, node.name
        assert all(column.description for column in node.columns.values()), node.name


def test_every_macro_and_its_arguments_are_documented(manifest: Manifest) -> None:
    for macro in manifest.macros.values():
        if macro.package_name == "ddrc":
            assert macro.description, macro.name
            for argument in macro.arguments:
                assert argument.type, f"{macro.name}: {argument.name}"
                assert argument.description, f"{macro.name}: {argument.name}"


def test_descriptions_reach_the_warehouse(first_build: Build) -> None:
    first_build.need("ddrc_metrics")
    comments = first_build.comments[MARTS_DATABASE, "ddrc_metrics"]
    assert len(comments) == 6
    assert all(comments.values())


def test_no_model_has_a_column_of_contacts(columns: dict[tuple[str, str], set[str]]) -> None:
    names = {name for found in columns.values() for name in found}
    assert {name for name in names if any(word in name for word in PRIVATE)} == set()


def test_no_mart_has_a_column_of_comments(columns: dict[tuple[str, str], set[str]]) -> None:
    marts = {
        name
        for (database, _), found in columns.items()
        if database == MARTS_DATABASE
        for name in found
    }
    assert marts
    assert {name for name in marts if "comment" in name} == set()


def test_compiled_sql_parses_in_snowflakes_dialect(first_build: Build) -> None:
    nodes = [each.node for each in first_build.outcome.result.results]
    # What a failed model is read by was not compiled.
    compiled = {node.name: node.compiled_code for node in nodes if node.compiled_code}
    assert len(compiled) > 50
    # One test of each kind is enough: the others' SQL is alike.
    kinds = {
        name.split("_stg_")[0].split("_" + "metrics_")[0]: sql for name, sql in compiled.items()
    }
    unparsable = [name for name, sql in kinds.items() if not parses(sql)]
    assert unparsable == []


def parses(sql: str) -> bool:
    try:
        sqlfluff.parse(f"{sql}\n", dialect="snowflake")
    except sqlfluff.api.APIParsingError:
        return False
    return True
