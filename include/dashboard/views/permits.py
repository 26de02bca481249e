"""Permits: rebuilding in each city, from applications to permits."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    BLUE,
    GREEN,
    ORANGE,
    choose_period,
    download_button,
    format_time,
)
from include.dashboard.fetch import fetch_rows

STEPS = ("Received", "In review", "Issued")
# The metrics of each step. Staff count those of LA's city and county by hand.
FUNNELS = {
    "Pasadena": (
        "pasadena_rebuild_applications_received",
        "pasadena_rebuild_applications_in_review",
        "pasadena_building_permits_issued",
    ),
    "Malibu": (
        "malibu_rebuild_applications_received",
        "malibu_rebuild_applications_in_review",
        "malibu_building_permits_issued",
    ),
    "LA city": ("la_city_applications_received", "la_city_in_review", "la_city_permits_issued"),
    "LA county": (
        "county_rebuild_applications_received",
        "county_building_plan_reviews_in_process",
        "county_building_permits_issued",
    ),
}
STEP_OF = {
    metric: (city, step)
    for city, metrics in FUNNELS.items()
    for step, metric in zip(STEPS, metrics, strict=True)
}


def draw_page() -> None:
    """Draw the page."""
    public = fetch_rows(
        "public_now", choose_period(), if_empty="No permits have been published yet."
    )
    if public is None:
        return
    rows = public[public.metric_name.isin(STEP_OF)]
    if rows.empty:
        st.info("None of the public metrics counts permits.")
        return
    found = [STEP_OF[name] for name in rows.metric_name]
    rows = rows.assign(city=[city for city, _ in found], step=[step for _, step in found])
    cities = [city for city in FUNNELS if (rows.city == city).any()]
    chosen = st.pills("Cities", cities, selection_mode="multi", default=cities)
    columns = st.columns(2)
    for place, city in enumerate(city for city in cities if city in chosen):
        with columns[place % 2]:
            _draw_funnel(city, rows[rows.city == city])
    st.caption(
        "The public metrics. Those of Pasadena and Malibu are counted from the cities' data; staff"
        " enter those of LA's city and county by hand. An application that was withdrawn, or waits"
        " for something else, is in neither of the later steps."
    )
    table = rows[
        ["city", "step", "metric_name", "metric_value", "value_before", "last_updated"]
    ].sort_values(["city", "step"])
    download_button(table, "permits")


def _draw_funnel(city: str, rows: pd.DataFrame) -> None:
    values = rows.set_index("step").metric_value
    received, issued = values.get("Received"), values.get("Issued")
    st.subheader(city)
    if received and issued is not None:
        st.markdown(
            f"**{issued / received:.0%}** of {received:,.0f} applications have their permit."
        )
    bars = alt.Chart(rows).encode(
        y=alt.Y("step:N", sort=list(STEPS), title=None),
        x=alt.X("metric_value:Q", axis=None),
    )
    coloured = bars.mark_bar().encode(
        color=alt.Color(
            "step:N",
            scale=alt.Scale(domain=list(STEPS), range=[BLUE, ORANGE, GREEN]),
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("step:N", title="Step"),
            alt.Tooltip("metric_value:Q", title="Now", format=","),
            alt.Tooltip("value_before:Q", title="Before", format=","),
        ],
    )
    numbers = bars.mark_text(align="left", dx=4, color="grey").encode(
        text=alt.Text("metric_value:Q", format=",")
    )
    st.altair_chart((coloured + numbers).properties(height=130), key=f"funnel-{city}")
    st.caption(f"Updated {format_time(rows.last_updated.max())} in California.")


draw_page()
