"""The history of sources, stored as changes: each state, and the loads between which it held."""

from collections.abc import Sequence
from typing import Any

import pytest
from dbt.contracts.graph.manifest import Manifest

from include.sources import RawTable
from tests.transform.conftest import HISTORY
from tests.transform.project import NO_UNIT_TESTS, Project
from tests.transform.raw_tables import Row
from tests.transform.rows import TABLES, WORLD, epa, pasadena, usace

LOAD_COLUMNS = {"source_edited_at", "loaded_at", "load_id"}
# Determined by a checked column, or not a fact about the row.
UNCHECKED = {"shape_area", "shape_length", "record_id"}
FIRST, SECOND, THIRD = ("2026-11-20 13:00:00", "2026-11-20 14:00:00", "2026-11-20 15:00:00")
SNAPSHOTS = {
    "epa": "epa_parcels_history",
    "usace": "usace_parcels_history",
    "pasadena": "pasadena_permits_history",
    "malibu": "malibu_applications_history",
}


def load(project: Project, source: str, table: RawTable, at: str, rows: Sequence[Row]) -> None:
    """Load rows at a time, then build the source's snapshot.

    Args:
        project: The dbt project.
        source: The source's name.
        table: The raw table whose rows are replaced.
        at: The load's time, also its id.
        rows: The table's new rows.
    """
    project.load({table: [{**row, "_LOADED_AT": at, "_LOAD_ID": at} for row in rows]})
    outcome = project.dbt("snapshot", "--select", SNAPSHOTS[source])
    assert outcome.success, outcome.messages()


def history(project: Project, table: str, *columns: str) -> list[tuple[Any, ...]]:
    """Each stored state: the columns, the time of its start, and true if it still holds.

    Args:
        project: The dbt project.
        table: The snapshot's name.
        columns: The columns to return.
    """
    selected = ", ".join(columns)
    rows = project.execute(
        f"SELECT {selected}, TO_VARCHAR(dbt_valid_from, 'HH24:MI') AS since,"
        f" dbt_valid_to IS NULL AS holds FROM {HISTORY}.{table} ORDER BY {selected}, dbt_valid_from"
    )
    return [tuple(row.values()) for row in rows]


@pytest.fixture
def without_history(world: Project) -> Project:
    """The project before its first snapshot."""
    world.execute(f"DROP SCHEMA IF EXISTS {HISTORY} CASCADE")
    return world


def test_a_changed_row_is_stored_with_the_loads_that_showed_it(without_history: Project) -> None:
    table = TABLES["epa"]
    load(without_history, "epa", table, FIRST, [epa(1, "In Progress"), epa(2, "In Progress")])
    load(without_history, "epa", table, SECOND, [epa(1, "Phase 1 Complete"), epa(2, "In Progress")])
    assert history(without_history, "epa_parcels_history", "object_id", "public_status") == [
        (1, "In Progress", "13:00", False),
        (1, "Phase 1 Complete", "14:00", True),
        (2, "In Progress", "13:00", True),
    ]


def test_a_load_that_changes_nothing_adds_nothing(without_history: Project) -> None:
    table, rows = TABLES["usace"], [usace(1, ROE_APPROVED="2026-01-05"), usace(2)]
    load(without_history, "usace", table, FIRST, rows)
    before = without_history.execute(
        f"SELECT * FROM {HISTORY}.usace_parcels_history ORDER BY object_id"
    )
    load(without_history, "usace", table, SECOND, rows)
    load(without_history, "usace", table, SECOND, rows)
    after = without_history.execute(
        f"SELECT * FROM {HISTORY}.usace_parcels_history ORDER BY object_id"
    )
    assert len(before) == 2
    assert after == before


def test_a_withdrawn_row_ends_and_a_returned_row_begins_again(
    without_history: Project,
) -> None:
    table, both = TABLES["pasadena"], [pasadena("A", "Issued"), pasadena("B", "In Review")]
    load(without_history, "pasadena", table, FIRST, both)
    load(without_history, "pasadena", table, SECOND, both[:1])
    gone = history(without_history, "pasadena_permits_history", "permit_number")
    load(without_history, "pasadena", table, THIRD, both)
    assert gone == [("A", "13:00", True), ("B", "13:00", False)]
    assert history(without_history, "pasadena_permits_history", "permit_number") == [
        ("A", "13:00", True),
        ("B", "13:00", False),
        ("B", "15:00", True),
    ]


def test_equal_rows_of_a_list_without_a_key_are_separate(without_history: Project) -> None:
    twin: Row = {"PROJECTNUMBER": "PR 1", "TYPE": "InBPC"}
    other: Row = {"PROJECTNUMBER": None, "TYPE": None}
    load(without_history, "malibu", TABLES["malibu"], FIRST, [twin, twin, other])
    load(
        without_history,
        "malibu",
        TABLES["malibu"],
        SECOND,
        [twin, {**other, "TYPE": "PermitIssued"}],
    )
    name = "malibu_applications_history"
    assert history(without_history, name, "project_number", "application_stage") == [
        ("PR 1", "InBPC", "13:00", True),
        ("PR 1", "InBPC", "13:00", False),
        (None, "PermitIssued", "14:00", True),
        (None, None, "13:00", False),
    ]


def test_a_load_that_fails_a_staging_test_does_not_reach_the_history(
    without_history: Project,
) -> None:
    table = TABLES["epa"]
    load(without_history, "epa", table, FIRST, [epa(1, "In Progress")])
    without_history.load({table: []})
    outcome = without_history.dbt("build", "--select", "+epa_parcels_history", *NO_UNIT_TESTS)
    assert outcome.statuses["epa_parcels_history"] == "skipped"
    stored = history(without_history, "epa_parcels_history", "object_id")
    assert stored == [(1, "13:00", True)]


def test_a_history_is_a_permanent_table_with_fail_safe(without_history: Project) -> None:
    """dbt's tables are transient by default: no Fail-safe, one day of Time Travel."""
    for source, name in SNAPSHOTS.items():
        load(without_history, source, TABLES[source], FIRST, WORLD[TABLES[source]])
        [statement] = without_history.execute(
            "SELECT QUERY_TEXT FROM SNOWFLAKE.ACCOUNT_USAGE.QUERY_HISTORY WHERE"
            f" REGEXP_LIKE(QUERY_TEXT, '.*CREATE[^(]* TABLE [^(]*HISTORY[.]{name} *[(]?.*', 'is')"
            " AND NOT CONTAINS(QUERY_TEXT, 'QUERY_HISTORY')"
            " ORDER BY START_TIME DESC LIMIT 1"
        )
        words = statement["QUERY_TEXT"].lower().split(" table ")[0].split()
        assert "create" in words
        assert not {"transient", "temporary"} & set(words), name


def test_every_column_of_a_source_is_checked_for_changes(project: Project) -> None:
    manifest = project.manifest
    assert isinstance(manifest, Manifest)
    snapshots = [node for node in manifest.nodes.values() if node.resource_type == "snapshot"]
    by_key = [node for node in snapshots if node.config.unique_key != "content_key"]
    assert len(by_key) == len(snapshots) - 1 >= 3
    for node in by_key:
        view = manifest.nodes[node.depends_on.nodes[0]]
        expected = set(view.columns) - LOAD_COLUMNS - UNCHECKED - {node.config.unique_key}
        assert set(node.config.check_cols) == expected, node.name
