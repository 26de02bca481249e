"""On a map: parcels and permits by fire and status, as points; no map server is asked."""

from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import COLOURS, download, today
from include.dashboard.fetch import ask

LAYERS = {
    "USACE: debris removal (phase 2)": "usace",
    "EPA: hazardous materials (phase 1)": "epa",
    "Pasadena: rebuild permits": "pasadena",
    "Malibu: rebuild applications": "malibu",
}
# The two burn areas are half a degree apart: each has a map of its own. West of this, in degrees:
BETWEEN = -118.35
EAST, WEST = "Altadena and Pasadena", "Pacific Palisades and Malibu"
# Places to find one's way by, by name: longitude and latitude in degrees.
LANDMARKS = {
    EAST: [("Altadena", -118.131, 34.190), ("Pasadena", -118.144, 34.148)],
    WEST: [
        ("Pacific Palisades", -118.526, 34.048),
        ("Malibu", -118.690, 34.036),
        ("Topanga", -118.602, 34.094),
    ],
}
MOST_STATUSES, MANY = len(COLOURS), 1000


def show() -> None:
    """Draw the page."""
    left, right = st.columns(2)
    chosen = left.selectbox("Layer", list(LAYERS))
    day: date = right.date_input("As it stood on", today(), max_value=today())
    rows = ask(
        "places",
        LAYERS[chosen],
        day,
        otherwise="Nothing is known of this layer on that day: the DAG keep_history, which runs"
        " once a day, had not seen it yet.",
    )
    if rows is None:
        return
    rows = rows.assign(status=_few(rows.status))
    fires, statuses = sorted(rows.fire_name.unique()), list(rows.status.value_counts().index)
    left, right = st.columns(2)
    some_fires = left.multiselect("Fires", fires, default=fires)
    some = right.multiselect("Statuses", statuses, default=statuses)
    seen = rows[rows.fire_name.isin(some_fires) & rows.status.isin(some)]
    if seen.empty:
        st.info("Nothing is left: choose a fire and a status.")
        return
    colours = alt.Scale(domain=statuses, range=list(COLOURS[: len(statuses)]))
    placed = seen.dropna(subset=["longitude", "latitude"])
    # What is drawn last lies on top: the rarest.
    placed = placed.sort_values("status", key=lambda names: names.map(statuses.index))
    east = placed.longitude > BETWEEN
    areas = {EAST: placed[east], WEST: placed[~east]}
    areas = {area: there for area, there in areas.items() if not there.empty}
    for column, (area, there) in zip(st.columns(max(len(areas), 1)), areas.items(), strict=False):
        column.subheader(f"{area}: {len(there):,}")
        column.altair_chart(_map(there, LANDMARKS[area], colours), key=f"map-{area}")
    st.caption(
        f"{len(seen):,} in all, {len(seen) - len(placed):,} of them without a shape to place them"
        " by. These are all rows of the layer; public metrics count those that their rules include."
    )
    counts = seen.groupby(["fire_name", "status"], as_index=False).size()
    st.dataframe(
        counts.pivot_table(index="status", columns="fire_name", values="size", fill_value=0)
    )
    download(seen, f"{LAYERS[chosen]}-{day:%Y-%m-%d}")


def _few(statuses: pd.Series) -> pd.Series:
    """The statuses, the rarest ones as one if there are more than there are colours."""
    kept = statuses.value_counts().index
    if len(kept) <= MOST_STATUSES:
        return statuses
    return statuses.where(statuses.isin(kept[: MOST_STATUSES - 1]), "Other")


def _map(
    rows: pd.DataFrame, landmarks: list[tuple[str, float, float]], colours: alt.Scale
) -> alt.LayerChart:
    points = (
        alt.Chart(rows)
        .mark_circle(size=10 if len(rows) > MANY else 40, opacity=0.9)
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


show()
