"""The incident log: each event is in the warehouse once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from include.incidents.incident import Event
from include.incidents.incident_log import (
    INCIDENT_LOG,
    save_event,
    unlogged_events,
    write_events,
)
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
    """The log of an opened and closed incident, after a first write of one event only."""
    found = replace(incident("it's '; DROP TABLE x; --"), responder="Ana")
    save_event(store, Event.OPENED, found, TUESDAY)
    later = TUESDAY + timedelta(hours=2)
    save_event(store, Event.RECOVERED, replace(found, closed_at=later), later)
    events = [event for _, event in unlogged_events(store)]
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {INCIDENT_LOG.full_name}")
    write_events(lambda: provision.connect(cloud), events[:1])
    write_events(lambda: provision.connect(cloud), events)
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        return [tuple(row) for row in cursor.execute(QUERY).fetchall()]


def test_each_event_is_one_row_even_if_written_twice(
    logged: list[tuple[object, ...]],
) -> None:
    rest = (incident().id.rsplit("-", 1)[0], "low", "Ana", "it's '; DROP TABLE x; --", "a, b")
    [opened, recovered] = [
        (event, str(name).rsplit("-", 1)[0], *others) for event, name, *others in logged
    ]
    assert opened == ("opened", *rest, True)
    assert recovered == ("recovered", *rest, False)
