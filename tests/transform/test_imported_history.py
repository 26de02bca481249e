"""`dbt snapshot` goes on after the earlier project's copies were imported."""

from collections.abc import Iterator

import pytest
from snowflake.connector import SnowflakeConnection

from local import provision
from tests.tools.cutover.earlier_copies import Sources, make_earlier
from tests.transform.conftest import HISTORY
from tests.transform.project import RAW_DATABASE, Project
from tests.transform.rows import TABLES, epa
from tests.transform.test_history import FIRST, SECOND, THIRD, load
from tools.cutover import history
from tools.cutover.history_statement import MARK
from tools.cutover.names import LEGACY


@pytest.fixture
def earlier(world: Project) -> Iterator[Sources]:
    """The earlier project's empty tables, and no snapshot."""
    world.execute(f"DROP SCHEMA IF EXISTS {HISTORY} CASCADE")
    with provision.connect(world.cloud) as connection, world.environment():
        sources = Sources(lambda sql: connection.cursor().execute(sql).fetchall())
        for name in ("epa", "malibu"):
            make_earlier(sources, name)
        yield sources
        for name in ("epa", "malibu"):
            sources.run(f"DROP SCHEMA {RAW_DATABASE}.{TABLES[name].schema}{LEGACY}")


def run_import(project: Project, source: str) -> int:
    """Import as the role that owns the snapshots; the exit code."""

    def log_in() -> SnowflakeConnection:
        opened = provision.connect(project.cloud, "TRANSFORMER_DDRC_PRD")
        opened.cursor().execute("USE WAREHOUSE TRANSFORMING_XS_DDRC_PRD")
        return opened

    with project.environment():
        return history.main(["--only", source, "--apply"], log_in)


def rows(project: Project, name: str, *columns: str) -> list[tuple[object, ...]]:
    """The states in a snapshot: the columns, the hour of the beginning, and that of the end.

    The end of one of this project's states is only `ended`: a withdrawn row ends when dbt runs.
    """
    began = "TO_VARCHAR(dbt_valid_from, 'YY-MM-DD HH24') AS began"
    ended = (
        "CASE WHEN dbt_valid_to IS NULL THEN NULL"
        f" WHEN STARTSWITH(load_id, '{MARK}')"
        " THEN TO_VARCHAR(dbt_valid_to, 'YY-MM-DD HH24') ELSE 'ended' END AS ended"
    )
    found = project.execute(f"SELECT {', '.join([*columns, began, ended])} FROM {HISTORY}.{name}")
    return sorted((tuple(row.values()) for row in found), key=repr)


def test_a_snapshot_goes_on_beside_imported_states(world: Project, earlier: Sources) -> None:
    name, table = "epa_parcels_history", TABLES["epa"]
    now = [epa(1, "Done"), epa(2, "Pending")]
    load(world, "epa", table, FIRST, now)
    earlier.copy(
        "epa", "2025-07-01", *({"OBJECTID": one, "PublicStatus": "Pending"} for one in (1, 3))
    )
    earlier.copy("epa", "2025-07-02", {"OBJECTID": 1, "PublicStatus": "Done"})
    assert run_import(world, "epa") == 0
    imported = [
        (1, "Done", "25-07-02 07", "26-11-20 13"),
        (1, "Pending", "25-07-01 07", "25-07-02 07"),
        (3, "Pending", "25-07-01 07", "25-07-02 07"),
    ]
    first = [(1, "Done", "26-11-20 13", None), (2, "Pending", "26-11-20 13", None)]
    assert rows(world, name, "object_id", "public_status") == sorted([*imported, *first], key=repr)

    load(world, "epa", table, SECOND, now)
    assert rows(world, name, "object_id", "public_status") == sorted([*imported, *first], key=repr)

    # One changes, one is withdrawn, and one is back that had left before this project began.
    load(world, "epa", table, THIRD, [epa(1, "Pending"), epa(3, "Pending")])
    own = [
        (1, "Done", "26-11-20 13", "ended"),
        (1, "Pending", "26-11-20 15", None),
        (2, "Pending", "26-11-20 13", "ended"),
        (3, "Pending", "26-11-20 15", None),
    ]
    assert rows(world, name, "object_id", "public_status") == sorted([*imported, *own], key=repr)


def test_a_list_without_a_key_goes_on_beside_imported_states(
    world: Project, earlier: Sources
) -> None:
    name, table = "malibu_applications_history", TABLES["malibu"]
    twin = {"PROJECTNUMBER": "PR 1", "TYPE": "InBPC"}
    load(world, "malibu", table, FIRST, [twin, twin])
    as_they_were = {"projectNumber": "PR 1", "type": "InBPC"}
    earlier.copy("malibu", "2025-07-01", as_they_were, as_they_were)
    earlier.copy("malibu", "2025-07-02", as_they_were)
    assert run_import(world, "malibu") == 0
    load(world, "malibu", table, SECOND, [twin])
    assert rows(world, name, "project_number", "RIGHT(content_key, 2) AS number") == [
        ("PR 1", "-1", "25-07-01 07", "26-11-20 13"),
        ("PR 1", "-1", "26-11-20 13", None),
        ("PR 1", "-2", "25-07-01 07", "25-07-02 07"),
        ("PR 1", "-2", "26-11-20 13", "ended"),
    ]
    # The same content has the same key in the copies and in the loads.
    keys = world.execute(f"SELECT DISTINCT content_key FROM {HISTORY}.{name}")
    assert len(keys) == 2
