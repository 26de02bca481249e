"""What happened to incidents, kept in the storage account until the log in the warehouse has it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from include.incidents.incident import Incident
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store

FOLDER = "incidents/events"


def keep_event(store: Store, event: str, incident: Incident, at: datetime) -> None:
    """Keep that an incident was opened, became graver, was reminded of or recovered."""
    moment = at.astimezone(UTC)
    name = f"{moment:%Y%m%dT%H%M%S%f}Z-{incident.id}-{event}"
    content = {**incident.as_dict(), "event_id": name, "event": event, "at": moment.isoformat()}
    store.write(Place(VERSIONS_CONTAINER, f"{FOLDER}/{name}.json"), json.dumps(content).encode())


def kept_events(store: Store) -> Iterator[tuple[Place, dict[str, Any]]]:
    """What was kept and not logged yet, oldest first: each event, and where it is."""
    for path in store.paths(VERSIONS_CONTAINER, FOLDER):
        place = Place(VERSIONS_CONTAINER, path)
        if (stored := store.read(place)) is not None:
            yield place, json.loads(stored.content)
