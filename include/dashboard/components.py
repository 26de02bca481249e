"""How things look: colours that everyone can tell apart, words for names, and pieces of pages."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from include.formats import number
from include.times import CALIFORNIA

# Okabe and Ito's colours, which people with any kind of colour blindness tell apart
# (https://jfly.uni-koeln.de/color/), in an order that puts the most different ones first.
BLUE, ORANGE, GREEN, VERMILLION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, GREY = "#56B4E9", "#CC79A7", "#8C8C8C"
COLOURS: Final = (BLUE, ORANGE, GREEN, VERMILLION, SKY, PURPLE, GREY)

PERIODS: Final = {"30 days": 30, "90 days": 90, "1 year": 365}

# What the metrics are about, by how their names begin.
TOPICS: Final = {
    "Debris removal": ("cleanup_", "phase2_"),
    "Rebuilding": ("malibu_", "pasadena_", "la_city_", "county_"),
    "People and schools": ("people_", "schools_"),
    "Water and air": ("water_", "air_"),
}
OTHER: Final = "Other"


def topic(metric_name: str) -> str:
    """The topic of a metric; `Other` if its name tells none."""
    return next((name for name, starts in TOPICS.items() if metric_name.startswith(starts)), OTHER)


def words(name: str) -> str:
    """A machine name in words: `phase2_parcels_completed` is `Phase 2 parcels completed`."""
    text = name.replace("_", " ").replace("phase1", "phase 1").replace("phase2", "phase 2")
    text = text[:1].upper() + text[1:]
    return text.replace("La city", "LA city").replace("fema", "FEMA").replace("roe", "ROE")


def plain(text: str) -> str:
    """Text of a source as Streamlit's labels show it: none of its signs is Markdown."""
    return re.sub(r"([^\w\s])", r"\\\1", text)


def amount(value: float, metric_type: str) -> str:
    """A value as the public page shows it."""
    return f"${number(value)} M" if metric_type == "dollars - millions" else number(value)


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day in California."""
    return now().astimezone(CALIFORNIA).date()


def california(moment: pd.Timestamp) -> str:
    """A time as a clock in California shows it."""
    return f"{moment.tz_convert(CALIFORNIA):%b %-d, %Y, %-I:%M %p}"


def period() -> date:
    """Lets a person choose how far back a view looks; the day that it begins on."""
    chosen = st.segmented_control(
        "Period",
        list(PERIODS),
        default=st.session_state.get("chosen_period", "90 days"),
        key="period",
        required=True,
    )
    # A widget's own state ends with its page.
    st.session_state["chosen_period"] = chosen
    return today() - timedelta(days=PERIODS[chosen])


def time_column(label: str) -> ColumnConfig:
    """A table's column of times, as California's clocks show them."""
    return st.column_config.DatetimeColumn(
        label, format="YYYY-MM-DD HH:mm", timezone=str(CALIFORNIA)
    )


def download(rows: pd.DataFrame, name: str) -> None:
    """A button that gives the rows as a CSV file."""
    st.download_button(
        "Download as CSV",
        as_csv(rows),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
    )


def as_csv(rows: pd.DataFrame) -> bytes:
    """The rows as CSV; a text that a spreadsheet would take for a formula is quoted."""
    texts = rows.select_dtypes(include=["object", "string"]).columns
    safe = rows.assign(**{name: rows[name].map(_no_formula) for name in texts})
    return str(safe.to_csv(index=False)).encode()


def _no_formula(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(tuple("=+-@\t\r")) else cell
