"""The second day of the history: its statements differ from the first day's."""

import pytest

from include.warehouse import database, history_schema
from local.cloud import Cloud
from tests.whole_dags.helpers import rows, run_dag

RAW = f"{database('RAW')}.EPA_AGOL_ASSESSMENT.PUBLIC_STATUS_ASSESSMENT"
HISTORY = f"{history_schema()}.EPA_PARCELS_HISTORY"
# Every task except the snapshot of EPA's parcels.
OTHERS = r"(?!.*epa_parcels_history).*"


@pytest.fixture
def first_day(fresh: Cloud) -> Cloud:
    """The cloud after EPA's run and the first snapshot of its parcels."""
    assert set(run_dag("epa").values()) == {"success"}
    keep_history()
    return fresh


def keep_history() -> None:
    states = run_dag("keep_history", mark_success=OTHERS)
    assert set(states.values()) == {"success"}


def test_a_changed_row_has_a_new_state_a_deleted_one_has_none_and_a_new_column_is_filled(
    first_day: Cloud,
) -> None:
    [(changed,), (deleted,)] = rows(first_day, f"SELECT OBJECTID FROM {RAW} ORDER BY 1 LIMIT 2")
    rows(first_day, f"UPDATE {RAW} SET _LOADED_AT = DATEADD('day', 1, _LOADED_AT)")
    rows(first_day, f"UPDATE {RAW} SET PUBLICSTATUS = 'Unknown' WHERE OBJECTID = {changed}")
    rows(first_day, f"DELETE FROM {RAW} WHERE OBJECTID = {deleted}")
    # As if the staging model had got this column since the first day.
    rows(first_day, f"ALTER TABLE {HISTORY} DROP COLUMN LAND_USE")

    keep_history()

    holds = f"FROM {HISTORY} WHERE DBT_VALID_TO IS NULL"
    assert rows(first_day, f"SELECT COUNT(*), COUNT(LAND_USE) {holds}") == rows(
        first_day, f"SELECT COUNT(*), COUNT(LANDUSE) FROM {RAW}"
    )
    states = rows(
        first_day,
        f"SELECT OBJECT_ID, PUBLIC_STATUS {holds} AND OBJECT_ID IN ({changed}, {deleted})",
    )
    assert states == [(changed, "Unknown")]
