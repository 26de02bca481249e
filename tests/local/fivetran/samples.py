"""Two small sources, as a data folder holds them."""

import json
from pathlib import Path
from typing import Any

AIRTABLE = "local_airtable"
FEEDBACK = "local_page_feedback"
SCHEMAS = {
    "airtable": {
        "schema": "BASE",
        "table": "METRICS",
        "columns": {
            "ID": "VARCHAR",
            "METRIC": "FLOAT",
            "DATE_CREATED": "TIMESTAMP_TZ",
            "NAMES": "VARIANT",
            "_FIVETRAN_SYNCED": "TIMESTAMP_TZ",
        },
    },
    "page_feedback": {
        "schema": "FORMS",
        "table": "FEEDBACK",
        "columns": {"FEEDBACK_KEY": "VARCHAR", "IS_HELPFUL": "BOOLEAN"},
    },
}
ROWS: dict[str, list[dict[str, Any]]] = {
    "airtable": [
        {"ID": "a", "METRIC": 1.5, "DATE_CREATED": "2025-03-01T10:00:00Z", "NAMES": ["one's"]},
        {"ID": "b", "METRIC": None, "DATE_CREATED": "2025-03-02T10:00:00Z", "NAMES": None},
    ],
    "page_feedback": [
        {"FEEDBACK_KEY": "x", "IS_HELPFUL": True},
        {"FEEDBACK_KEY": "y", "IS_HELPFUL": False},
    ],
}


def write_data(folder: Path) -> None:
    """Write the small sources of this file where an account reads them."""
    for source, schema in SCHEMAS.items():
        place = folder / "data" / "fivetran" / source
        place.mkdir(parents=True)
        (place / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
        (place / "rows.json").write_text(json.dumps(ROWS[source]), encoding="utf-8")
