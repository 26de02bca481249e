"""Shared parts of the views: labels, formats, widgets and downloads."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Final

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.column_types import ColumnConfig

from include.formats import number
from include.times import CALIFORNIA, utc_now

# The categories that a chart can show: the themes in .streamlit/config.toml have so many colours.
MAX_COLOURS: Final = 7

# Texts of charts on white. Streamlit may take a dark page for a light one while it loads, so this
# grey can be read on both: 5.1:1 on white, 3.7:1 on the dark background.
CHART_TEXT: Final = "#6B6F76"

PERIODS: Final = {"30 days": 30, "90 days": 90, "1 year": 365}

# The time zone of the page, as headers of tables and files name it.
ZONE: Final = "California"


def escape_markdown(text: str) -> str:
    """A source's text for Streamlit, which reads labels as Markdown."""
    return re.sub(r"([^\w\s])", r"\\\1", text)


def format_amount(value: float, metric_type: str) -> str:
    """A value as the public page shows it."""
    return f"${number(value)} M" if metric_type == "dollars - millions" else number(value)


def today() -> date:
    """The current day in California."""
    return utc_now().astimezone(CALIFORNIA).date()


def format_time(moment: datetime) -> str:
    """A time in California, for example `Nov 24, 2026, 2:27 PM PST`."""
    return f"{moment.astimezone(CALIFORNIA):%b %-d, %Y, %-I:%M %p %Z}"


def format_day(day: date) -> str:
    """A day, for example `Nov 24, 2026`."""
    return f"{day:%b %-d, %Y}"


def choose_period() -> date:
    """Draw the choice of a view's period; returns its first day."""
    chosen = st.segmented_control(
        "Period",
        list(PERIODS),
        default=st.session_state.get("chosen_period", "90 days"),
        key="period",
        required=True,
    )
    # A widget loses its state when the page changes.
    st.session_state["chosen_period"] = chosen
    return today() - timedelta(days=PERIODS[chosen])


def choose_some(label: str, options: list[str], **more: Any) -> list[str]:
    """Draw a choice of several options; returns the chosen ones, or all if none is chosen."""
    return st.multiselect(label, options, placeholder="All", **more) or options


def in_columns(names: list[str]) -> Iterator[tuple[DeltaGenerator, str]]:
    """Names with a column for each, two in a row: on a phone, all in their order."""
    for start in range(0, len(names), 2):
        yield from zip(st.columns(2), names[start : start + 2], strict=False)


def draw_chart(
    chart: alt.Chart | alt.LayerChart | alt.FacetChart, *, key: str, alt_text: str
) -> None:
    """Draw a chart in the theme's colours.

    Args:
        chart: The chart.
        key: Its key, unique on the page.
        alt_text: The sentence that a screen reader reads.
    """
    if st.context.theme.type == "light":
        # Streamlit's own grey has a contrast of 3.7 on white.
        chart = chart.configure_axis(labelColor=CHART_TEXT, titleColor=CHART_TEXT)
        chart = chart.configure_legend(labelColor=CHART_TEXT, titleColor=CHART_TEXT)
    st.altair_chart(chart, key=key, alt=alt_text)


def time_column(label: str) -> ColumnConfig:
    """Configure a table's column of times: shown in California's time zone."""
    return st.column_config.DatetimeColumn(
        label, format="YYYY-MM-DD HH:mm", timezone=str(CALIFORNIA)
    )


def download_button(rows: pd.DataFrame, name: str) -> None:
    """Draw a button that downloads the rows as a CSV file."""
    st.download_button(
        "Download as CSV",
        as_csv(rows),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
    )


def as_csv(rows: pd.DataFrame) -> bytes:
    """The rows as CSV: times and days are California's, and their headers say so.

    A time has its offset from UTC, which the hour that comes twice in autumn needs. A text that a
    spreadsheet would run as a formula has an apostrophe before it.
    """
    safe = rows.assign(**{str(name): _plain(rows[name]) for name in rows.columns})
    zoned = {
        name: f"{name} ({ZONE})" for name in rows.select_dtypes(["datetime", "datetimetz"]).columns
    }
    # With these line ends a cell that has a lone carriage return is quoted, and begins no line.
    text = safe.rename(columns=zoned).to_csv(index=False, lineterminator="\r\n")
    return str(text).encode()


def _plain(cells: pd.Series) -> pd.Series:
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        # A column of several offsets is text: pandas would write all in the format of the first.
        local = cells.dt.tz_convert(CALIFORNIA)
        return local.map(lambda moment: moment.isoformat(" ", "seconds"), na_action="ignore")
    if pd.api.types.is_datetime64_dtype(cells):
        return cells.dt.date if (cells.dropna() == cells.dropna().dt.normalize()).all() else cells
    if cells.dtype == "object" or isinstance(cells.dtype, pd.StringDtype):
        return cells.map(_quote_formula)
    return cells


def _quote_formula(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell
