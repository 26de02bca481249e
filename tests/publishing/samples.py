"""A valid public file, and ways to change it."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from include.publishing.names import CANDIDATES_CONTAINER, PUBLIC_CONTAINER, source_file
from include.publishing.promotion import promote
from include.publishing.store import Place, Store
from include.publishing.versions import PUBLISHED, Version

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def metric(name: str = "schools_resumed", value: object = 8, **changes: object) -> dict[str, Any]:
    """A metric that meets the contract, apart from the changes."""
    return {
        "METRIC_NAME": name,
        "METRIC_VALUE": value,
        "METRIC_TYPE": "count",
        "METRIC_UNIT_LABEL": "schools resumed",
        "UPDATE_FREQUENCY": "daily",
        "LAST_UPDATED": "2026-11-24T12:00:00.000Z",
        **changes,
    }


def file(*metrics: object) -> bytes:
    """A file of these metrics."""
    return json.dumps(metrics or [metric()]).encode()


def publish(
    store: Store, content: bytes, name: str = "v1", *, at: datetime = NOW, **metadata: str
) -> Version:
    """Serve a version with this metadata, promoted at this time."""
    candidate = Place(CANDIDATES_CONTAINER, "run.json")
    store.write(candidate, content)
    served = store.read(PUBLISHED)
    described = {"run": "run", "audit": "valid"} | metadata
    version = Version(name, sha256(content).hexdigest(), **described)
    promote(store, candidate, version, replacing=served.etag if served else None, now=at)
    return version


def released(source: str) -> Place:
    """The location of a source's released metrics."""
    return Place(PUBLIC_CONTAINER, source_file(source))


def release(store: Store, content: bytes, source: str = "airtable") -> None:
    """Have a source release these metrics."""
    store.write(released(source), content)
