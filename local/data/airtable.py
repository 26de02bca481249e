"""The manually kept metrics as Fivetran copies them from Airtable: a row for each change.

Airtable looks up the columns whose names end in `FROM_METRIC_DEFINITION_` through a linked record,
so each holds an array, normally of one element; where Airtable allows one linked record only, it
holds the plain value.
"""

import random
import zlib
from datetime import datetime, timedelta
from typing import Any, Final

from include.sources.airtable import AIRTABLE
from local.data.clock import FIRES_BEGAN, between, iso
from local.data.definitions import DEFINITIONS, Definition
from local.data.sample_values import PEOPLE, maybe

Row = dict[str, Any]

_SUFFIX: Final = "_FROM_METRIC_DEFINITION_"
_LOOKED_UP: Final = (
    "METRIC_NAME", "METRIC_MACHINE_NAME", "METRIC_TYPE", "METRIC_UNIT_LABEL", "UPDATE_FREQUENCY",
    "TOPIC", "AS_OF_TIME", "AS_OF_OFFSET", "METRIC_CONTACT_NAME", "METRIC_CONTACT_EMAIL",
)  # fmt: skip
# The columns of the real table, in its order. The lookups are VARIANT.
_COLUMNS: Final = {
    "ID": "VARCHAR",
    "_FIVETRAN_SYNCED": "TIMESTAMP_TZ",
    "DATETIME_OFFSET_NUMBER": "NUMBER(38,0)",
    f"METRIC_TYPE{_SUFFIX}": "VARIANT",
    "DATE_CREATED": "TIMESTAMP_TZ",
    f"AS_OF_TIME{_SUFFIX}": "VARIANT",
    f"METRIC_NAME{_SUFFIX}": "VARIANT",
    "AS_OF_LABEL": "VARCHAR",
    f"METRIC_CONTACT_EMAIL{_SUFFIX}": "VARIANT",
    f"METRIC_UNIT_LABEL{_SUFFIX}": "VARIANT",
    "METRIC_DEFINITION": "VARIANT",
    "METRIC_TITLE_FOR_INTERFACE": "VARIANT",
    "DATETIME_OFFSET_VARIABLE": "VARCHAR",
    f"METRIC_MACHINE_NAME{_SUFFIX}": "VARIANT",
    f"METRIC_CONTACT_NAME{_SUFFIX}": "VARIANT",
    f"TOPIC{_SUFFIX}": "VARIANT",
    f"UPDATE_FREQUENCY{_SUFFIX}": "VARIANT",
    "METRIC_MODIFIED_BY": "VARIANT",
    "DATE_METRIC_MODIFIED": "TIMESTAMP_TZ",
    "METRIC": "FLOAT",
    "AS_OF_DATE_AND_TIME": "VARCHAR",
    f"AS_OF_OFFSET{_SUFFIX}": "VARIANT",
    "AS_OF_DATE_AND_TIME_COPY": "TIMESTAMP_TZ",
}
_MACHINE_NAME: Final = f"METRIC_MACHINE_NAME{_SUFFIX}"
# The metric whose lookups are plain values.
_ONE_RECORD: Final = "malibu_building_permits_issued"
_AGES: Final = {
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=31),
    "completed": timedelta(days=300),
}
"""The largest age of a metric's newest row; half a year for the other frequencies."""

_HALF_A_YEAR: Final = timedelta(days=180)
_LAST_SYNC: Final = timedelta(minutes=40)
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def airtable(rng: random.Random, as_of: datetime) -> tuple[Any, list[Row]]:
    """The table's schema and its shuffled rows, in the data folder's format."""
    table = AIRTABLE.parts[0].table
    schema = {"schema": table.schema, "table": table.name, "columns": _COLUMNS}
    rows = [row for definition in DEFINITIONS for row in _history(definition, rng, as_of)]
    rows += _drafts(rows, rng, as_of)
    for row in rows:
        if row[_MACHINE_NAME] == [_ONE_RECORD]:
            row |= {f"{name}{_SUFFIX}": row[f"{name}{_SUFFIX}"][0] for name in _LOOKED_UP}
    # Somebody linked a definition twice.
    twice = rng.choice(rows[:20])
    twice.update({name: value * 2 for name, value in twice.items() if isinstance(value, list)})
    rng.shuffle(rows)
    return schema, rows


def _history(definition: Definition, rng: random.Random, as_of: datetime) -> list[Row]:
    age = _AGES.get(definition.frequency, _HALF_A_YEAR)
    newest = between(rng, as_of - age, as_of - age / 8)
    first = FIRES_BEGAN + timedelta(days=rng.uniform(20, 60))
    moments = sorted(between(rng, first, newest) for _ in range(definition.rows - 1))
    record = f"rec{''.join(rng.choices(_LETTERS, k=14))}"
    contact = rng.choice(PEOPLE)
    rows = []
    for number, moment in enumerate([*moments, newest]):
        share = (moment - first) / (newest - first)
        grown = definition.first + (definition.last - definition.first) * share**0.6
        value = round(grown, 2) if definition.type != "count" else float(round(grown))
        row = _row(definition, record, contact, rng)
        row |= {"METRIC": value} | _times(moment, rng, as_of)
        row["AS_OF_LABEL"] = "as of" if number % 3 else None
        rows.append(row)
    return rows


def _times(moment: datetime, rng: random.Random, as_of: datetime) -> Row:
    synced = as_of - _LAST_SYNC
    modified = between(rng, moment, min(moment + timedelta(hours=2), synced))
    shown = maybe(rng, iso(moment), 0.05)
    return {
        "DATE_CREATED": iso(moment),
        "DATE_METRIC_MODIFIED": iso(modified),
        "AS_OF_DATE_AND_TIME": shown,
        "AS_OF_DATE_AND_TIME_COPY": shown,
        "_FIVETRAN_SYNCED": iso(synced),
    }


def _row(definition: Definition, record: str, contact: tuple[str, str], rng: random.Random) -> Row:
    looked_up = (
        definition.title, definition.machine_name, definition.type, definition.unit,
        definition.frequency, definition.topic, "5:00 PM", 0, *contact,
    )  # fmt: skip
    row: Row = dict.fromkeys(_COLUMNS)
    row |= {f"{name}{_SUFFIX}": [value] for name, value in zip(_LOOKED_UP, looked_up, strict=True)}
    return row | {
        "ID": f"rec{''.join(rng.choices(_LETTERS, k=14))}",
        "METRIC_MODIFIED_BY": _collaborator(*rng.choice(PEOPLE)),
        "DATETIME_OFFSET_NUMBER": maybe(rng, 0, 0.1),
        "DATETIME_OFFSET_VARIABLE": rng.choice(("days", "hours", None)),
        "METRIC_DEFINITION": [record],
        "METRIC_TITLE_FOR_INTERFACE": [f" {definition.title} "],
    }


def _collaborator(name: str, email: str) -> dict[str, str]:
    """A user as Airtable's API returns one."""
    return {"id": f"usr{zlib.crc32(name.encode()):014d}", "email": email, "name": name}


def _drafts(rows: list[Row], rng: random.Random, as_of: datetime) -> list[Row]:
    """Unfinished rows: the newest of a metric, without a value or a definition."""
    drafts = []
    for number, row in enumerate(rng.sample(rows, 3)):
        draft = {**row, "ID": f"rec{''.join(rng.choices(_LETTERS, k=14))}", "METRIC": None}
        draft |= _times(between(rng, as_of - timedelta(hours=2), as_of - _LAST_SYNC), rng, as_of)
        if number == 0:
            draft |= {name: None for name, value in draft.items() if isinstance(value, list)}
            draft["METRIC"] = 17.0
        drafts.append(draft)
    return drafts
