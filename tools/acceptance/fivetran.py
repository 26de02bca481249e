"""Fivetran's tables: the types that it really writes, and the hash that compares their rows."""

from __future__ import annotations

from contextlib import closing
from typing import Final

from include import warehouse
from include.loaders.raw.identifiers import quoted
from include.sources import SOURCES, FivetranConnector
from tools.acceptance.outcomes import NotPermittedError, expect
from tools.acceptance.trial import MISSING, Trial

_TIMES: Final = ("TIMESTAMP_TZ", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "VARCHAR", "NUMBER")
_NUMBERS: Final = ("FLOAT", "NUMBER")
_WORDS: Final = ("VARIANT", "VARCHAR", "ARRAY")
_TEXTS: Final = ("VARCHAR",)
# The types that the staging models read, by column. The real account of 2025 had the first
# of each: METRIC is a FLOAT, TIME a NUMBER, the lookups of Airtable are VARIANTs.
TYPES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "airtable": {
        "ID": _TEXTS,
        "_FIVETRAN_SYNCED": _TIMES,
        "METRIC": _NUMBERS,
        "DATE_CREATED": _TIMES,
        "DATE_METRIC_MODIFIED": _TIMES,
        "AS_OF_LABEL": _TEXTS,
        "METRIC_MACHINE_NAME_FROM_METRIC_DEFINITION_": _WORDS,
        "METRIC_NAME_FROM_METRIC_DEFINITION_": _WORDS,
        "METRIC_TYPE_FROM_METRIC_DEFINITION_": _WORDS,
        "METRIC_UNIT_LABEL_FROM_METRIC_DEFINITION_": _WORDS,
        "UPDATE_FREQUENCY_FROM_METRIC_DEFINITION_": _WORDS,
        "TOPIC_FROM_METRIC_DEFINITION_": _WORDS,
    },
    "page_feedback": {
        "FEEDBACK_KEY": _TEXTS,
        "SITE_DOMAIN": _TEXTS,
        "PAGE": _TEXTS,
        "PAGE_SECTION": _TEXTS,
        "URL": _TEXTS,
        "COMMENTS": _TEXTS,
        "TIME": ("NUMBER", "FLOAT", *_TIMES),
        "IS_HELPFUL": ("BOOLEAN", "VARCHAR", "NUMBER"),
        "_FIVETRAN_SYNCED": _TIMES,
        "_FIVETRAN_DELETED": ("BOOLEAN",),
    },
}


def fivetran_types(trial: Trial, source: str) -> str:
    """`fivetran_types`: the real table has every column that is read, of a type that is read."""
    from snowflake.connector.errors import ProgrammingError

    [connector] = SOURCES[source].connectors
    name = _name(connector)
    try:
        described = trial.account.table("TRANSFORMER", f"DESCRIBE TABLE {name}")
    except ProgrammingError as error:
        if error.errno not in MISSING:
            raise
        raise NotPermittedError(
            f"{name} does not exist, or TRANSFORMER may not see it. Run this check again after"
            " Fivetran's first sync: --only fivetran_types."
        ) from error
    kinds = {row["name"]: str(row["type"]).partition("(")[0] for row in described}
    wrong = [
        f"{column} is {kinds.get(column, 'missing')}, and {' or '.join(types)} is read"
        for column, types in TYPES[source].items()
        if kinds.get(column) not in types
    ]
    expect(not wrong, f"{name}: {'; '.join(wrong)}.")
    found = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
    return f"{name}: {found}.{_unit_of_time(trial, name) if 'TIME' in kinds else ''}"


def _unit_of_time(trial: Trial, name: str) -> str:
    """The range of TIME, by whose size the model decides between seconds and milliseconds."""
    [(least, greatest)] = trial.account.run(
        "TRANSFORMER",
        f"SELECT MIN(TIME), MAX(TIME) FROM {name}",  # noqa: S608
    )
    return f" TIME goes from {least} to {greatest}."


def change_check(trial: Trial) -> str:
    """`change_check`: HASH_AGG is the same for the same rows, and differs for one other value.

    FIVETRAN writes a table in a schema of its own, and TRANSFORMER hashes it on the warehouse that
    a sync wakes. A re-import changes the order of the rows and the times of the sync only.
    """
    schema = trial.fivetran_schema
    table = f"{schema}.FEEDBACK"
    columns = "FEEDBACK_KEY, IS_HELPFUL, TIME, SEEN_AT, ANSWERS, _FIVETRAN_SYNCED"
    one = "SELECT 'a', TRUE, 1755793623120, '2026-11-20 10:00:00.123456'::TIMESTAMP_TZ"
    other = "SELECT 'b', NULL, NULL, NULL"
    day = "PARSE_JSON('[\"x\"]'), '{} 00:00:00'::TIMESTAMP_TZ"

    def write(*rows: str) -> str:
        trial.account.run("FIVETRAN", f"DELETE FROM {table}")  # noqa: S608
        for row in rows:
            trial.account.run("FIVETRAN", f"INSERT INTO {table} ({columns}) {row}")
        return _hash(trial, table)

    trial.account.run("FIVETRAN", f"CREATE SCHEMA IF NOT EXISTS {schema}")
    trial.account.run(
        "FIVETRAN",
        f"CREATE OR REPLACE TABLE {table} (FEEDBACK_KEY VARCHAR, IS_HELPFUL BOOLEAN, TIME NUMBER,"
        " SEEN_AT TIMESTAMP_TZ, ANSWERS VARIANT, _FIVETRAN_SYNCED TIMESTAMP_TZ)",
    )
    first, second = day.format("2026-11-20"), day.format("2026-11-21")
    before = write(f"{one}, {first}", f"{other}, {first}")
    again = write(f"{other}, {second}", f"{one}, {second}")
    expect(before == again, f"The same rows hash differently: {before}, then {again}.")
    changed = {
        "a number": write(f"{one.replace('3120', '3121')}, {first}", f"{other}, {first}"),
        "a microsecond": write(f"{one.replace('3456', '3457')}, {first}", f"{other}, {first}"),
        "a null": write(f"{one.replace('TRUE', 'NULL')}, {first}", f"{other}, {first}"),
        "a deleted row": write(f"{one}, {first}"),
    }
    same = [what for what, number in changed.items() if number == before]
    expect(not same, f"The hash does not notice {', '.join(same)}: a sync would be skipped.")
    return f"The same rows have the same hash, and {', '.join(changed)} each change it."


def _hash(trial: Trial, table: str) -> str:
    from include.pipeline.sync import ROWS_HASH

    connection = trial.account.connect("TRANSFORMER", compute="LOADING")
    with closing(connection), closing(connection.cursor()) as cursor:
        # The task after a sync looks at the columns in the same session.
        expect(cursor.execute(f"DESCRIBE TABLE {table}").fetchall(), f"{table} has no columns.")
        [(rows, number)] = cursor.execute(ROWS_HASH.format(table)).fetchall()
    return f"{rows} rows, {number}"


def _name(connector: FivetranConnector) -> str:
    return quoted(warehouse.database("RAW"), connector.table.schema, connector.table.name)
