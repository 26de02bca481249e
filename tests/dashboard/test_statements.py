"""Each query's statement and columns, on a connection that answers with one row."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
import shapely

from include.dashboard import queries
from include.dashboard.queries import read

DAY, NEXT_DAY = date(2026, 11, 20), date(2026, 11, 21)
SINCE, ENDED = "'2026-11-20 08:00:00'::timestamp_ntz", "'2026-11-21 08:00:00'::timestamp_ntz"
AT = datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001
# For each kind of column: a value as the connector returns it, and as the frame has it.
KINDS: dict[str, tuple[object, object]] = {
    "text": ("a", "a"),
    "number": (Decimal("1.5"), 1.5),
    "count": (Decimal(3), 3),
    "day": (DAY, pd.Timestamp("2026-11-20")),
    "time": (AT, pd.Timestamp("2026-11-20 12:00", tz=UTC)),
    "flag": (True, True),
}
DTYPES = {"text": "object", "number": "float64", "count": "Int64", "flag": "bool"}


class Recorded:
    """A connection and its cursor that answer each statement with these rows."""

    def __init__(self, *rows: tuple[object, ...]) -> None:
        self.done: list[str] = []
        self._rows = list(rows)

    def cursor(self) -> "Recorded":
        return self

    def execute(self, statement: str) -> None:
        self.done.append(statement)

    def fetchall(self) -> list[tuple[object, ...]]:
        return self._rows

    def close(self) -> None:
        self.done.append("close")


@pytest.fixture(autouse=True)
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is production."""
    monkeypatch.setenv("DDRC_ENV", "PRD")


# Each query with its argument, its table, the literal in its condition, and its columns by kind.
QUERIES: dict[str, tuple[date | str | None, str, str, dict[str, str]]] = {
    "warehouse_cost": (
        DAY,
        "ANALYTICS_DDRC_PRD.PUBLIC.query_history",
        f"start_time >= to_timestamp_ltz(date_part('epoch_millisecond', {SINCE}), 3)",
        {
            "text": "source dag warehouse",
            "count": "statements failures bytes_scanned",
            "number": "seconds share",
            "day": "day",
            "order": "day source dag warehouse statements failures seconds bytes_scanned share",
        },
    ),
    "feedback_by_page_and_week": (
        DAY,
        "ANALYTICS_DDRC_PRD.PAGE_FEEDBACK.feedback_by_page_and_week",
        "> '2026-11-20'::date",
        {
            "text": "page",
            "day": "week_starting",
            "count": "responses helpful_responses",
            "order": "page week_starting responses helpful_responses",
        },
    ),
    "public_now": (
        DAY,
        "ANALYTICS_DDRC_PRD.HISTORY.published_metrics",
        f"published_at <= {SINCE}",
        {
            "text": "metric_name unit_label metric_type frequency",
            "number": "metric_value value_before",
            "time": "last_updated published_at",
            "flag": "made_up_before",
            "order": "metric_name metric_value unit_label metric_type frequency last_updated"
            " published_at value_before made_up_before",
        },
    ),
    "published_by_day": (
        DAY,
        "ANALYTICS_DDRC_PRD.HISTORY.published_metrics",
        f"published_at >= {SINCE}",
        {
            "text": "metric_name unit_label",
            "number": "metric_value",
            "day": "day",
            "flag": "made_up",
            "order": "metric_name day metric_value unit_label made_up",
        },
    ),
    "loads_by_day": (
        DAY,
        "RAW_DDRC_PRD.LOADING.load_log",
        f"loaded_at >= {SINCE}",
        {
            "text": "source table_name",
            "number": "median_seconds longest_seconds",
            "count": "loads failures bytes",
            "day": "day",
            "order": "day source table_name loads failures median_seconds longest_seconds bytes",
        },
    ),
    "newest_loads": (
        None,
        "RAW_DDRC_PRD.LOADING.load_log",
        "",
        {
            "text": "source table_name reason",
            "number": "seconds",
            "count": "row_count rows_before failures_since",
            "time": "loaded_at source_edited_at",
            "order": "source table_name loaded_at row_count rows_before seconds source_edited_at"
            " failures_since reason",
        },
    ),
    "newest_value": (
        "airtable",
        "ANALYTICS_DDRC_PRD.METRICS.airtable_metrics",
        "",
        {"time": "last_updated", "count": "metrics", "order": "last_updated metrics"},
    ),
    "incidents": (
        DAY,
        "ANALYTICS_DDRC_PRD.HISTORY.incident_log",
        f"closed_at >= {SINCE}",
        {
            "text": "incident kind severity dag tasks public_sees error responder",
            "number": "hours",
            "time": "opened_at closed_at",
            "order": "incident kind severity dag tasks opened_at closed_at hours public_sees error"
            " responder",
        },
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_reads_its_table_and_returns_its_columns(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    argument, table, condition, listed = QUERIES[name]
    order = listed["order"].split()
    kinds = {column: kind for kind in KINDS for column in listed.get(kind, "").split()}
    connection = Recorded(tuple(KINDS[kinds[column]][0] for column in order))
    convert, converted = read._convert, []

    def record(values: pd.Series, kind: read.Kind) -> pd.Series:
        converted.append(kind)
        return convert(values, kind)

    monkeypatch.setattr(read, "_convert", record)
    run: Callable[..., pd.DataFrame] = getattr(queries, name)
    frame = run(connection) if argument is None else run(connection, argument)

    statement, closed = connection.done
    assert f"from {table}" in statement
    assert condition in statement
    assert "{{" not in statement
    assert closed == "close"
    assert converted == [kinds[column] for column in order]
    [row] = frame.to_dict("records")
    assert row == {column: KINDS[kinds[column]][1] for column in order}
    for column, kind in kinds.items():
        assert str(frame[column].dtype).startswith(DTYPES.get(kind, "datetime64"))


@pytest.mark.parametrize("layer", ["epa", "usace", "pasadena"])
def test_a_layer_of_shapes_has_their_centres(layer: str) -> None:
    square = shapely.box(-118.2, 34.1, -118.0, 34.3).wkb
    rows = [("Eaton", "Open", "x", AT, shape) for shape in (square, bytearray(square), None, b"no")]
    connection = Recorded(*rows)

    frame = queries.places(connection, layer, DAY)

    assert list(frame) == [
        "fire_name",
        "status",
        "place",
        "recorded_at",
        "longitude",
        "latitude",
    ]
    assert frame.longitude.round(6).tolist()[:2] == [-118.1, -118.1]
    assert frame.latitude.round(6).tolist()[:2] == [34.2, 34.2]
    assert frame.longitude.isna().tolist() == [False, False, True, True]
    assert f"{layer}_" in connection.done[0]
    assert f"dbt_valid_from < {ENDED}" in connection.done[0]


def test_a_layer_of_points_has_them() -> None:
    connection = Recorded(("Palisades", "Open", "x", AT, Decimal("-118.5"), 34.0))
    [row] = queries.places(connection, "malibu", DAY).to_dict("records")
    assert row == {
        "fire_name": "Palisades",
        "status": "Open",
        "place": "x",
        "recorded_at": pd.Timestamp("2026-11-20 12:00", tz=UTC),
        "longitude": -118.5,
        "latitude": 34.0,
    }


def test_there_are_four_layers() -> None:
    text: dict[str, Any] = {
        "fire_name": "text",
        "status": "text",
        "place": "text",
        "recorded_at": "time",
    }
    shape = {**text, "shape": "shape"}
    point = {**text, "longitude": "number", "latitude": "number"}
    layers = {"epa": shape, "usace": shape, "pasadena": shape, "malibu": point}
    assert layers == queries.LAYERS


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        (datetime(2026, 11, 20, 8, 5, 3, tzinfo=UTC), "'2026-11-20 08:05:03'::timestamp_ntz"),
        (read.midnight(date(2026, 7, 1)), "'2026-07-01 07:00:00'::timestamp_ntz"),
        (DAY, "'2026-11-20'::date"),
        ("A.B_1.c", "A.B_1.c"),
    ],
)
def test_a_value_is_written_as_a_literal_or_a_name(value: date | str, literal: str) -> None:
    assert read._literal(value) == literal


@pytest.mark.parametrize("name", ["x; drop table y", "a.", ".a", "a b", "a'", "a..b", ""])
def test_other_text_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a table or schema") as raised:
        read._literal(name)
    assert str(raised.value).startswith(repr(name))


def test_every_placeholder_is_filled_however_it_is_spaced() -> None:
    assert read._fill("{{a}}, {{ b }}: {{  a  }}", {"a": "x", "b": DAY}) == (
        "x, '2026-11-20'::date: x"
    )
