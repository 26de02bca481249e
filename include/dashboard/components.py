"""Shared parts of the views: colour-blind-safe colours, labels, formats and widgets."""

import re
from datetime import date, timedelta
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from include.formats import number
from include.times import CALIFORNIA, utc_now

# Okabe and Ito's colours, which people with any kind of colour blindness can distinguish
# (https://jfly.uni-koeln.de/color/), in an order that puts the most different ones first.
BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, GREY = "#56B4E9", "#CC79A7", "#8C8C8C"
COLOURS: Final = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, GREY)

PERIODS: Final = {"30 days": 30, "90 days": 90, "1 year": 365}

# The topics of metrics, by the beginnings of their names.
TOPICS: Final = {
    "Debris removal": ("cleanup_", "phase2_"),
    "Rebuilding": ("malibu_", "pasadena_", "la_city_", "county_"),
    "People and schools": ("people_", "schools_"),
    "Water and air": ("water_", "air_"),
}
OTHER: Final = "Other"


def topic(metric_name: str) -> str:
    """The topic of a metric by its name; `Other` if no topic matches."""
    return next((name for name, starts in TOPICS.items() if metric_name.startswith(starts)), OTHER)


def label(name: str) -> str:
    """The label of a metric: `phase2_parcels_completed` is `Phase 2 parcels completed`."""
    text = name.replace("_", " ").replace("phase1", "phase 1").replace("phase2", "phase 2")
    text = text[:1].upper() + text[1:]
    return text.replace("La city", "LA city").replace("fema", "FEMA").replace("roe", "ROE")


def escape_markdown(text: str) -> str:
    """A source's text for Streamlit, which reads labels as Markdown."""
    return re.sub(r"([^\w\s])", r"\\\1", text)


def format_amount(value: float, metric_type: str) -> str:
    """A value as the public page shows it."""
    return f"${number(value)} M" if metric_type == "dollars - millions" else number(value)


def today() -> date:
    """The current day in California."""
    return utc_now().astimezone(CALIFORNIA).date()


def format_time(moment: pd.Timestamp) -> str:
    """A time in California, for example `Nov 24, 2026, 2:27 PM`."""
    return f"{moment.tz_convert(CALIFORNIA):%b %-d, %Y, %-I:%M %p}"


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
    """The rows as CSV, with an apostrophe before text that a spreadsheet would run as a formula."""
    texts = rows.select_dtypes(include=["object", "string"]).columns
    safe = rows.assign(**{name: rows[name].map(_quote_formula) for name in texts})
    # With these line ends a cell that has a lone carriage return is quoted, and begins no line.
    return str(safe.to_csv(index=False, lineterminator="\r\n")).encode()


def _quote_formula(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell
