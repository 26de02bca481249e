"""History as changes: what a source showed, from which load on, until which load."""

from collections.abc import Sequence
from typing import Any

import pytest
from dbt.contracts.graph.manifest import Manifest

from include import sources
from include.sources import RawTable
from tests.transform.conftest import HISTORY
from tests.transform.project import NO_UNIT_TESTS, Project
from tests.transform.raw_tables import Row
from tests.transform.rows import REBUILD_POINTS, epa, pasadena, usace

LOAD_COLUMNS = {"source_edited_at", "loaded_at", "load_id"}
# What follows from a column that is watched, or says nothing of the row.
UNWATCHED = {"shape_area", "shape_length", "record_id"}
FIRST, SECOND, THIRD = ("2026-11-20 13:00:00", "2026-11-20 14:00:00", "2026-11-20 15:00:00")


HISTORY_OF = {
    "epa": "epa_parcels_history",
    "usace": "usace_parcels_history",
    "pasadena": "pasadena_permits_history",
    "malibu": "malibu_applications_history",
}


def load(project: Project, source: str, table: RawTable, at: str, rows: Sequence[Row]) -> None:
    """Load rows at a time and keep what changed."""
    project.load({table: [{**row, "_LOADED_AT": at, "_LOAD_ID": at} for row in rows]})
    outcome = project.dbt("snapshot", "--select", HISTORY_OF[source])
    assert outcome.success, outcome.messages()


def history(project: Project, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Each state kept: the columns, since when, and whether it still holds."""
    named = ", ".join(columns)
    rows = project.execute(
        f"SELECT {named}, TO_VARCHAR(dbt_valid_from, 'HH24:MI') AS since,"
        f" dbt_valid_to IS NULL AS holds FROM {HISTORY}.{table} ORDER BY {named}, dbt_valid_from"
    )
    return [tuple(row.values()) for row in rows]


@pytest.fixture
def forgotten(world: Project) -> Project:
    """The project before anything was kept."""
    world.execute(f"DROP SCHEMA IF EXISTS {HISTORY} CASCADE")
    return world


def test_a_changed_row_is_kept_with_the_loads_that_showed_it(forgotten: Project) -> None:
    table = sources.EPA.table
    load(forgotten, "epa", table, FIRST, [epa(1, "In Progress"), epa(2, "In Progress")])
    load(forgotten, "epa", table, SECOND, [epa(1, "Phase 1 Complete"), epa(2, "In Progress")])
    assert history(forgotten, "epa_parcels_history", "object_id", "public_status") == [
        (1, "In Progress", "13:00", False),
        (1, "Phase 1 Complete", "14:00", True),
        (2, "In Progress", "13:00", True),
    ]


def test_a_load_that_changes_nothing_adds_nothing(forgotten: Project) -> None:
    table, rows = sources.USACE.table, [usace(1, ROE_APPROVED="2026-01-05"), usace(2)]
    load(forgotten, "usace", table, FIRST, rows)
    before = forgotten.execute(f"SELECT * FROM {HISTORY}.usace_parcels_history ORDER BY object_id")
    load(forgotten, "usace", table, SECOND, rows)
    load(forgotten, "usace", table, SECOND, rows)
    after = forgotten.execute(f"SELECT * FROM {HISTORY}.usace_parcels_history ORDER BY object_id")
    assert len(before) == 2
    assert after == before


def test_a_row_that_a_source_withdrew_ended_and_one_that_came_back_began_anew(
    forgotten: Project,
) -> None:
    table, both = sources.PASADENA.table, [pasadena("A", "Issued"), pasadena("B", "In Review")]
    load(forgotten, "pasadena", table, FIRST, both)
    load(forgotten, "pasadena", table, SECOND, both[:1])
    gone = history(forgotten, "pasadena_permits_history", "permit_number")
    load(forgotten, "pasadena", table, THIRD, both)
    assert gone == [("A", "13:00", True), ("B", "13:00", False)]
    assert history(forgotten, "pasadena_permits_history", "permit_number") == [
        ("A", "13:00", True),
        ("B", "13:00", False),
        ("B", "15:00", True),
    ]


def test_a_list_without_a_key_keeps_equal_rows_apart(forgotten: Project) -> None:
    twin: Row = {"PROJECTNUMBER": "PR 1", "TYPE": "InBPC"}
    other: Row = {"PROJECTNUMBER": None, "TYPE": None}
    load(forgotten, "malibu", REBUILD_POINTS, FIRST, [twin, twin, other])
    load(forgotten, "malibu", REBUILD_POINTS, SECOND, [twin, {**other, "TYPE": "PermitIssued"}])
    name = "malibu_applications_history"
    assert history(forgotten, name, "project_number", "application_stage") == [
        ("PR 1", "InBPC", "13:00", True),
        ("PR 1", "InBPC", "13:00", False),
        (None, "PermitIssued", "14:00", True),
        (None, None, "13:00", False),
    ]


def test_a_load_that_staging_refuses_leaves_no_trace_in_the_history(forgotten: Project) -> None:
    table = sources.EPA.table
    load(forgotten, "epa", table, FIRST, [epa(1, "In Progress")])
    forgotten.load({table: []})
    outcome = forgotten.dbt("build", "--select", "+epa_parcels_history", *NO_UNIT_TESTS)
    assert outcome.statuses["epa_parcels_history"] == "skipped"
    kept = history(forgotten, "epa_parcels_history", "object_id")
    assert kept == [(1, "13:00", True)]


def test_every_column_that_a_source_shows_is_watched(project: Project) -> None:
    manifest = project.manifest
    assert isinstance(manifest, Manifest)
    watched = [node for node in manifest.nodes.values() if node.resource_type == "snapshot"]
    by_key = [node for node in watched if node.config.unique_key != "content_key"]
    assert len(by_key) == len(watched) - 1 >= 3
    for node in by_key:
        staged = manifest.nodes[node.depends_on.nodes[0]]
        shown = set(staged.columns) - LOAD_COLUMNS - UNWATCHED - {node.config.unique_key}
        assert set(node.config.check_cols) == shown, node.name
