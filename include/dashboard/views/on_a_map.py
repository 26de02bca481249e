"""On a map: parcels and permits by fire and status, without a map server."""

from datetime import date

import pandas as pd
import streamlit as st

from include.dashboard.components import (
    MAX_COLOURS,
    choose_some,
    download_button,
    draw_chart,
    format_time,
    today,
)
from include.dashboard.fetch import as_of, fetch_rows
from include.dashboard.maps import draw_map
from include.metric_words import OTHER

LAYERS = {
    "USACE: debris removal (phase 2)": "usace",
    "EPA: hazardous materials (phase 1)": "epa",
    "Pasadena: rebuild permits": "pasadena",
    "Malibu: rebuild applications": "malibu",
}
# The two burn areas are half a degree apart, so each has a map. The longitude between them:
DIVIDING_LONGITUDE = -118.35
EAST, WEST = "Altadena and Pasadena", "Pacific Palisades and Malibu"
PLACES, SQUARES = "Each place", "How many, by square"
# More points lie over each other.
MANY_POINTS = 1000


def draw_page() -> None:
    """Draw the page."""
    left, right = st.columns(2)
    chosen = left.selectbox("Layer", list(LAYERS))
    with right.expander("Day and filter"):
        day: date = st.date_input("At the end of", today(), max_value=today())
        filters = st.container()
    rows = fetch_rows(
        "places",
        LAYERS[chosen],
        day,
        if_empty="There is no history of this layer for that day: the DAG keep_history, which runs"
        " daily, had not recorded it yet.",
    )
    if rows is None:
        return
    at = as_of(rows)
    rows = rows.assign(status=_merge_rare(rows.status))
    fires, statuses = sorted(rows.fire_name.unique()), list(rows.status.value_counts().index)
    # The rarest is drawn last, on top.
    rows = rows.assign(status=pd.Categorical(rows.status, statuses)).sort_values(
        "status", kind="stable"
    )
    with filters:
        chosen_fires = choose_some("Fires", fires)
        chosen_statuses = choose_some("Statuses", statuses)
    shown = rows[rows.fire_name.isin(chosen_fires) & rows.status.isin(chosen_statuses)]
    if shown.empty:
        st.info("No rows are left: choose another fire or status.")
        return
    placed = shown.dropna(subset=["longitude", "latitude"])
    _draw_maps(placed, rows.dropna(subset=["longitude", "latitude"]))
    st.caption(
        f"{len(shown):,} in all, {len(shown) - len(placed):,} of them without a location. These are"
        " all rows of the layer; a public metric counts only those that its rule includes."
        f" keep_history takes a snapshot a day: the newest change in this one was recorded on"
        f" {format_time(rows.recorded_at.max())}. Read as of {at}."
    )
    counts = shown.assign(status=shown.status.astype("str"))
    counts = counts.groupby(["fire_name", "status"], as_index=False).size()
    st.dataframe(
        counts.pivot_table(index="status", columns="fire_name", values="size", fill_value=0),
        column_config={
            "status": "Status",
            **{
                fire: st.column_config.NumberColumn(fire, format="localized")
                for fire in counts.fire_name.unique()
            },
        },
    )
    download_button(shown, f"{LAYERS[chosen]}-{day:%Y-%m-%d}")


def _draw_maps(placed: pd.DataFrame, everything: pd.DataFrame) -> None:
    if placed.empty:
        return
    show = st.segmented_control(
        "Show",
        [PLACES, SQUARES],
        default=SQUARES if len(placed) > MANY_POINTS else PLACES,
        required=True,
    )
    areas = {
        EAST: placed.longitude > DIVIDING_LONGITUDE,
        WEST: placed.longitude <= DIVIDING_LONGITUDE,
    }
    found = {area: placed[within] for area, within in areas.items() if within.any()}
    for column, (area, points) in zip(st.columns(len(found)), found.items(), strict=True):
        east = everything.longitude > DIVIDING_LONGITUDE
        whole = everything[east if area == EAST else ~east]
        with column:
            st.header(f"{area}: {len(points):,}", anchor=False)
            draw_chart(
                draw_map(points, whole, by_square=show == SQUARES),
                key=f"map-{area}",
                alt_text=f"Map of {area}: {len(points):,} places; the table below has the counts.",
            )


def _merge_rare(statuses: pd.Series) -> pd.Series:
    """If there are more statuses than colours, replace the rarest by `Other`."""
    by_count = statuses.value_counts().index
    if len(by_count) <= MAX_COLOURS:
        return statuses
    return statuses.where(statuses.isin(by_count[: MAX_COLOURS - 1]), OTHER)


draw_page()
