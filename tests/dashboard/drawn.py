"""What a view draws: its elements in order, each as plain values, and its downloads."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pandas as pd
import pyarrow as pa
from google.protobuf.json_format import MessageToDict  # type: ignore[import-untyped]
from streamlit.testing.v1 import AppTest

from include.dashboard.queries import read
from include.dashboard.queries.read import Kind

# Elements that are one text.
TEXTS = {"caption", "markdown", "info", "error", "warning", "title", "header", "subheader"}
# What Streamlit adds to elements, and the addresses of the files in its memory.
ADDED = {"id", "labelVisibility", "elementType", "autosize", "$schema", "theme", "hasName"}


DOWNLOAD = (
    "download_button",
    {"label": "Download as CSV", "type": "secondary", "icon": ":material/download:"},
)
COLUMN: tuple[str, dict[str, object]] = ("column", {})


# The end of a sentence about what Snowflake was asked for.
AS_OF = "As of Nov 20, 2026, 10:00 AM PST."


def channel(field: str, kind: str, **more: object) -> dict[str, object]:
    """A channel of a chart: the column that it shows, and how."""
    return {"field": field, "type": kind, **more}


def numbers(label: str, form: str) -> dict[str, object]:
    """The configuration of a table's column of numbers."""
    return {"label": label, "type_config": {"type": "number", "format": form}}


def times(label: str) -> dict[str, object]:
    """The configuration of a table's column of times."""
    form = {"format": "YYYY-MM-DD HH:mm", "timezone": "America/Los_Angeles"}
    return {"label": label, "type_config": {"type": "datetime", **form}}


def several(label: str, *options: str) -> tuple[str, dict[str, object]]:
    """A choice of several options, of which none is chosen: all are shown."""
    values = {"label": label, "options": list(options), "placeholder": "All"}
    return "multiselect", {**values, "acceptNewOptions": False, "selectAll": 1000}


def buttons(label: str, *options: str, **more: object) -> tuple[str, dict[str, object]]:
    """A choice by buttons, of which the first is chosen."""
    contents = [{"content": option} for option in options]
    return "button_group", {"options": contents, "default": [0], "label": label, **more}


# The choice of a period, with which most views begin.
PERIOD = buttons("Period", "30 days", "90 days", "1 year", default=[1], required=True)


def card(label: str, body: str, **more: object) -> tuple[str, dict[str, object]]:
    """A value in a frame, without a change unless `more` has one."""
    values = {"label": label, "body": body, "direction": "NONE", "color": "GRAY", **more}
    return "metric", {**values, "showBorder": True}


def rows_of(columns: dict[str, Kind], *rows: Sequence[object]) -> pd.DataFrame:
    """A query's rows, as `read` returns them."""
    frame = pd.DataFrame.from_records(list(rows), columns=list(columns))
    return frame.assign(**{name: read._convert(frame[name], columns[name]) for name in columns})


@dataclass
class Drawn:
    """A view that was drawn.

    Attributes:
        app: The running view.
        asked: The queries that it has made, with their arguments.
        downloads: The name and the content of each file that it offers.
        keys: The key of each chart, which Streamlit knows it by.
    """

    app: AppTest
    asked: list[tuple[object, ...]] = field(default_factory=list)
    downloads: list[tuple[str, str]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    @property
    def elements(self) -> list[Any]:
        """The elements in the page's order: each one's kind and values; columns have no values."""
        return list(_elements(self.app.main))

    def of_kind(self, kind: str) -> list[Any]:
        """The values of the elements of a kind."""
        return [values for found, values in self.elements if found == kind]


# Draws a view with these rows: the fixture `draw`.
Draw = Callable[..., Drawn]


def _elements(block: Any) -> Iterator[tuple[str, object]]:
    for element in block.children.values():
        if hasattr(element, "children"):
            if element.type == "column":
                yield "column", {}
            yield from _elements(element)
        else:
            yield element.type, _values(element)


def _values(element: Any) -> object:
    values = _without_added(MessageToDict(element.proto))
    if element.type in TEXTS:
        return values["body"]
    if element.type == "download_button":
        del values["url"]
    if element.type == "metric":
        values.setdefault("direction", "DOWN")
    if element.type == "dataframe":
        del values["arrowData"]
        values["columns"] = json.loads(element.proto.columns)
        values["rows"] = _columns(element.proto.arrow_data.data)
    if element.type == "vega_lite_chart":
        data: dict[str, object] = {
            each.name: _columns(each.data.data) for each in element.proto.datasets
        }
        spec = json.loads(element.proto.spec)
        # Shapes are not rows: they are in the chart's own specification.
        data |= spec.pop("datasets", {})
        return _with_data(_without_added(spec), data)
    return values


def _without_added(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in ADDED}


def _with_data(spec: Any, data: Mapping[Any, object]) -> Any:
    """A chart's specification with the rows in the place of their names."""
    if isinstance(spec, list):
        return [_with_data(each, data) for each in spec]
    if not isinstance(spec, dict):
        return spec
    return {
        name: data[value["name"]] if name == "data" else _with_data(value, data)
        for name, value in spec.items()
    }


def _columns(stream: bytes) -> dict[str, list[object]]:
    frame = pa.ipc.open_stream(BytesIO(stream)).read_all().to_pandas()
    frame = frame if frame.index.name is None else frame.reset_index()
    return {str(name): [_plain(value) for value in frame[name]] for name in frame.columns}


def _plain(value: Any) -> object:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}" if value == value.normalize() else f"{value:%Y-%m-%d %H:%M}"
    if not isinstance(value, str) and hasattr(value, "__len__"):
        return [_plain(each) for each in value]
    return None if pd.isna(value) else getattr(value, "item", lambda: value)()
