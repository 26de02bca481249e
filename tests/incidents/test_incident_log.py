"""The incident log: what happened to incidents is in the warehouse, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from include.incidents.incident_log import INCIDENT_LOG, keep_event, kept_events, record
from include.publishing.store import Store
from local import provision
from local.cloud import Cloud
from tests.incidents.samples import TUESDAY, incident

QUERY = (
    "SELECT EVENT, INCIDENT, SEVERITY, RESPONDER, ERROR, AFFECTED_METRICS, CLOSED_AT IS NULL"
    f" FROM {INCIDENT_LOG.full_name} ORDER BY HAPPENED_AT"
)


@pytest.fixture
def logged(cloud: Cloud, store: Store) -> list[tuple[object, ...]]:
    """The log after an incident was opened and is over; the first try to write it came halfway."""
    found = replace(incident("it's '; DROP TABLE x; --"), responder="Ana")
    keep_event(store, "opened", found, TUESDAY)
    later = TUESDAY + timedelta(hours=2)
    keep_event(store, "recovered", replace(found, closed_at=later), later)
    events = [event for _, event in kept_events(store)]
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {INCIDENT_LOG.full_name}")
    record(lambda: provision.connect(cloud), events[:1])
    record(lambda: provision.connect(cloud), events)
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        return [tuple(row) for row in cursor.execute(QUERY).fetchall()]


def test_each_event_is_one_row_even_if_written_twice(
    logged: list[tuple[object, ...]],
) -> None:
    told = (incident().id.rsplit("-", 1)[0], "low", "Ana", "it's '; DROP TABLE x; --", "a, b")
    [opened, recovered] = [
        (event, str(name).rsplit("-", 1)[0], *rest) for event, name, *rest in logged
    ]
    assert opened == ("opened", *told, True)
    assert recovered == ("recovered", *told, False)
