"""A good published file, and ways to change it."""

import json
from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def metric(name: str = "schools_resumed", value: object = 8, **changes: object) -> dict[str, Any]:
    """A metric that keeps the contract, but for the changes."""
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
    """The file with these metrics."""
    return json.dumps(metrics or [metric()]).encode()
