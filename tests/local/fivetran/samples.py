"""Two small sources, in the data folder's format."""

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
    """Write the sources to the data folder of an account."""
    for source, schema in SCHEMAS.items():
        source_folder = folder / "data" / "fivetran" / source
        source_folder.mkdir(parents=True)
        (source_folder / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
        (source_folder / "rows.json").write_text(json.dumps(ROWS[source]), encoding="utf-8")
