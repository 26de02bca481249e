"""The statement that turns the earlier project's daily copies into states of a snapshot.

The staging model and the snapshot are dbt's own, from its manifest, so that an old value is
converted as a new one is; `history.sql` has the rest.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final

import jinja2

from include import warehouse
from include.loaders.errors import SchemaError
from include.loaders.raw.identifiers import ADDED, column_names, quoted
from include.transform_project import MANIFEST
from tools.cutover.account import CutoverError
from tools.cutover.names import LEGACY

# The beginning of `load_id` in an imported row. Airflow's run ids begin otherwise.
MARK: Final = "imported__"
# The earlier loader's columns: https://github.com/cagov/caldata-ddrc-pipelines
# (jobs/load_agol_sources.py and jobs/load_malibu_permitting.py).
DAY: Final = "_LOAD_DATE"
EDITED: Final = "_LAST_EDIT_DATE"
_TEMPLATE = Path(__file__).with_name("history.sql")
_META = ("DBT_SCD_ID", "DBT_UPDATED_AT", "DBT_VALID_FROM", "DBT_VALID_TO")
_NUMBERS = ("NUMBER", "FLOAT")
# The types of a table's columns, as information_schema names them.
Types = Mapping[str, str]


@dataclass(frozen=True)
class Snapshot:
    """A snapshot, and the way from its source's raw table to it.

    Attributes:
        name: The snapshot's name.
        source: The name of the source in dbt.
        schema: The schema of the raw table.
        table: The raw table's name.
        key: The column that identifies a row of the source.
        checked: The columns whose change begins a new state.
        staging: The staging model's SQL, which reads the relation `copies`.
        states: The snapshot's own SQL, which reads the relation `staging`.
    """

    name: str
    source: str
    schema: str
    table: str
    key: str
    checked: Sequence[str]
    staging: str
    states: str

    @property
    def full_name(self) -> str:
        """The qualified name of the snapshot's table."""
        return f"{warehouse.history_schema()}.{self.name}"

    @property
    def earlier(self) -> str:
        """The qualified name of the earlier project's table."""
        return f"{warehouse.database('RAW')}.{self.schema}{LEGACY}.{self.table}"


@cache
def snapshots(manifest: Path = MANIFEST) -> tuple[Snapshot, ...]:
    """The snapshots of the dbt project.

    Raises:
        CutoverError: There is no manifest, or a model uses what only dbt itself can render.
    """
    try:
        project = json.loads(manifest.read_bytes())
    except FileNotFoundError as error:
        raise CutoverError(f"{manifest} is missing: run `make manifest` first.") from error
    nodes = project["nodes"]
    found = (node for node in nodes.values() if node["resource_type"] == "snapshot")
    return tuple(sorted((_snapshot(project, node) for node in found), key=lambda one: one.name))


def _snapshot(project: dict[str, Any], node: dict[str, Any]) -> Snapshot:
    [view] = node["depends_on"]["nodes"]
    model = project["nodes"][view]
    [origin] = model["depends_on"]["nodes"]
    table = project["sources"][origin]
    config = node["config"]
    return Snapshot(
        name=node["name"],
        source=table["source_name"],
        schema=table["schema"],
        table=table["identifier"],
        key=config["unique_key"],
        checked=config["check_cols"],
        staging=_rendered(project, model),
        states=_rendered(project, node),
    )


def _rendered(project: dict[str, Any], node: dict[str, Any]) -> str:
    """A node's SQL with the relations `copies` and `staging`; `clean_text` is the only macro."""
    macros = "".join(project["macros"][name]["macro_sql"] for name in node["depends_on"]["macros"])
    try:
        return (
            _environment()
            .from_string(macros + node["raw_code"])
            .render(
                source=lambda *_: "copies",
                ref=lambda *_: "staging",
                config=lambda **_: "",
            )
            .strip()
        )
    except jinja2.TemplateError as error:
        raise CutoverError(
            f"{node['original_file_path']} cannot be rendered without dbt: {error}."
        ) from error


def _environment() -> jinja2.Environment:
    return jinja2.Environment(  # noqa: S701 (SQL, not HTML)
        extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined
    )


def statement(
    snapshot: Snapshot,
    earlier: Types,
    raw: Types,
    columns: Sequence[str],
    left_out: Sequence[date] = (),
) -> str:
    """The statement that imports the copies of one table.

    Args:
        snapshot: The snapshot.
        earlier: The columns of the earlier table.
        raw: The columns of this project's raw table.
        columns: The columns of the snapshot's table.
        left_out: The days whose copies are not used.

    Raises:
        CutoverError: The earlier table has no `_LOAD_DATE`, or two columns of one name.
    """
    return (
        _environment()
        .from_string(_TEMPLATE.read_text())
        .render(
            snapshot=snapshot.full_name,
            earlier=snapshot.earlier,
            columns=[name.lower() for name in columns if name not in _META],
            mark=MARK,
            raw=_converted(snapshot, earlier, raw),
            left_out=[day.isoformat() for day in left_out],
            staging=snapshot.staging,
            states=snapshot.states,
            checked=snapshot.checked,
            key=snapshot.key,
        )
    )


def _converted(snapshot: Snapshot, earlier: Types, raw: Types) -> dict[str, str]:
    """For each column of the raw table the expression that reads the earlier table."""
    where = snapshot.earlier
    if DAY not in earlier:
        raise CutoverError(f"{where} has no column {DAY}: it holds no daily copies.")
    added = {name.upper(): name for name in earlier if name.upper() in ADDED}
    fields = [name for name in earlier if name.upper() not in ADDED]
    try:
        of = {column: name for name, column in column_names(where, fields).items()}
    except SchemaError as error:
        raise CutoverError(f"{error}.") from error
    of |= added
    if EDITED in earlier:
        of["_SOURCE_EDITED_AT"] = EDITED
    return {
        quoted(name): _expression(of.get(name), earlier.get(of.get(name, ""), ""), type_)
        for name, type_ in raw.items()
        if name != "_LOAD_ID"
    }


def _expression(name: str | None, given: str, wanted: str) -> str:
    """A column of the earlier table in the raw table's type; null if the table lacks it."""
    if name is None:
        return f"null::{wanted}"
    value = quoted(name)
    if given == "FLOAT":
        # Snowflake takes NaN for equal to itself and refuses it as a number.
        value = f"nullif({value}, 'NaN'::float)"
    if wanted.startswith("TIMESTAMP"):
        if given in _NUMBERS:
            return f"to_timestamp_ntz({value}::number(38, 0), 3)"
        if given in ("TIMESTAMP_LTZ", "TIMESTAMP_TZ"):
            return f"convert_timezone('UTC', {value})::timestamp_ntz"
        if given == "TEXT":
            return f"try_to_timestamp_ntz({value})"
    if wanted == "BINARY" and given != "BINARY":
        # https://docs.snowflake.com/en/sql-reference/functions/st_aswkb
        return f"st_aswkb({value})"
    return value if given == wanted else f"{value}::{wanted}"


def back(snapshot: Snapshot) -> str:
    """The statement that takes an import back. Nothing here sends it."""
    return (
        f"DELETE FROM {snapshot.full_name}"  # noqa: S608
        f" WHERE STARTSWITH(LOAD_ID, '{MARK}')"
    )
