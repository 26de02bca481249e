"""On a map: parcels and permits by fire and status, as points, without a map server."""

from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import COLOURS, download_button, today
from include.dashboard.fetch import fetch_rows

LAYERS = {
    "USACE: debris removal (phase 2)": "usace",
    "EPA: hazardous materials (phase 1)": "epa",
    "Pasadena: rebuild permits": "pasadena",
    "Malibu: rebuild applications": "malibu",
}
# The two burn areas are half a degree apart, so each has a map. The longitude between them:
DIVIDING_LONGITUDE = -118.35
EAST, WEST = "Altadena and Pasadena", "Pacific Palisades and Malibu"
# Places for orientation: name, longitude and latitude in degrees.
LANDMARKS = {
    EAST: [("Altadena", -118.131, 34.190), ("Pasadena", -118.144, 34.148)],
    WEST: [
        ("Pacific Palisades", -118.526, 34.048),
        ("Malibu", -118.690, 34.036),
        ("Topanga", -118.602, 34.094),
    ],
}
MAX_STATUSES = len(COLOURS)
# A map with more points draws them smaller.
MANY_POINTS = 1000


def draw_page() -> None:
    """Draw the page."""
    left, right = st.columns(2)
    chosen = left.selectbox("Layer", list(LAYERS))
    day: date = right.date_input("At the end of", today(), max_value=today())
    rows = fetch_rows(
        "places",
        LAYERS[chosen],
        day,
        if_empty="There is no history of this layer for that day: the DAG keep_history, which runs"
        " daily, had not recorded it yet.",
    )
    if rows is None:
        return
    rows = rows.assign(status=_merge_rare(rows.status))
    fires, statuses = sorted(rows.fire_name.unique()), list(rows.status.value_counts().index)
    left, right = st.columns(2)
    chosen_fires = left.multiselect("Fires", fires, default=fires)
    chosen_statuses = right.multiselect("Statuses", statuses, default=statuses)
    shown = rows[rows.fire_name.isin(chosen_fires) & rows.status.isin(chosen_statuses)]
    if shown.empty:
        st.info("No rows are left: choose a fire and a status.")
        return
    colours = alt.Scale(domain=statuses, range=list(COLOURS[: len(statuses)]))
    placed = shown.dropna(subset=["longitude", "latitude"])
    # The rarest is drawn last, on top.
    placed = placed.sort_values("status", key=lambda names: names.map(statuses.index))
    east = placed.longitude > DIVIDING_LONGITUDE
    areas = {EAST: placed[east], WEST: placed[~east]}
    areas = {area: points for area, points in areas.items() if not points.empty}
    for column, (area, points) in zip(st.columns(max(len(areas), 1)), areas.items(), strict=False):
        column.subheader(f"{area}: {len(points):,}")
        column.altair_chart(_map(points, LANDMARKS[area], colours), key=f"map-{area}")
    st.caption(
        f"{len(shown):,} in all, {len(shown) - len(placed):,} of them without a location. These are"
        " all rows of the layer; a public metric counts only those that its rule includes."
    )
    counts = shown.groupby(["fire_name", "status"], as_index=False).size()
    st.dataframe(
        counts.pivot_table(index="status", columns="fire_name", values="size", fill_value=0)
    )
    download_button(shown, f"{LAYERS[chosen]}-{day:%Y-%m-%d}")


def _merge_rare(statuses: pd.Series) -> pd.Series:
    """If there are more statuses than colours, replace the rarest by `Other`."""
    by_count = statuses.value_counts().index
    if len(by_count) <= MAX_STATUSES:
        return statuses
    return statuses.where(statuses.isin(by_count[: MAX_STATUSES - 1]), "Other")


def _map(
    rows: pd.DataFrame, landmarks: list[tuple[str, float, float]], colours: alt.Scale
) -> alt.LayerChart:
    points = (
        alt.Chart(rows)
        .mark_circle(size=10 if len(rows) > MANY_POINTS else 40, opacity=0.9)
        .encode(
            longitude="longitude:Q",
            latitude="latitude:Q",
            color=alt.Color(
                "status:N",
                scale=colours,
                legend=alt.Legend(orient="bottom", title=None, columns=2, labelLimit=240),
            ),
            tooltip=[
                alt.Tooltip("place:N", title="Where"),
                alt.Tooltip("fire_name:N", title="Fire"),
                alt.Tooltip("status:N", title="Status"),
            ],
        )
    )
    names = pd.DataFrame(landmarks, columns=["name", "longitude", "latitude"])
    near = names[
        names.longitude.between(rows.longitude.min(), rows.longitude.max())
        & names.latitude.between(rows.latitude.min(), rows.latitude.max())
    ]
    labels = alt.Chart(near).encode(longitude="longitude:Q", latitude="latitude:Q", text="name:N")
    halo = labels.mark_text(fontSize=14, stroke="white", strokeWidth=4)
    layers: alt.LayerChart = points + halo + labels.mark_text(fontSize=14, color="black")
    placed: alt.LayerChart = layers.properties(height=480).project(type="mercator")
    return placed


draw_page()
