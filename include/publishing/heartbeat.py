"""The heartbeat of the watch: the time of its last complete check, which anyone can read."""

import json
from datetime import datetime

from include.publishing.names import PUBLIC_CONTAINER
from include.publishing.store import Place, Store
from include.times import iso_utc

HEARTBEAT = Place(PUBLIC_CONTAINER, "watch-heartbeat.json")


def write_heartbeat(store: Store, now: datetime) -> None:
    """Write the time of a complete check."""
    store.write(HEARTBEAT, json.dumps({"at": iso_utc(now)}).encode())
