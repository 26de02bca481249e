"""Permits: how far rebuilding has come in each city, from applications to permits."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import BLUE, GREEN, ORANGE, california, download, period
from include.dashboard.fetch import ask

STEPS = ("Received", "In review", "Issued")
# The metrics of each step. LA's city and county count their steps by hand, in words of their own.
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
PLACE_OF = {
    metric: (city, step)
    for city, metrics in FUNNELS.items()
    for step, metric in zip(STEPS, metrics, strict=True)
}


def show() -> None:
    """Draw the page."""
    public = ask("public_now", period(), otherwise="No permits have been published yet.")
    if public is None:
        return
    rows = public[public.metric_name.isin(PLACE_OF)]
    if rows.empty:
        st.info("None of the public metrics counts permits.")
        return
    found = [PLACE_OF[name] for name in rows.metric_name]
    rows = rows.assign(city=[city for city, _ in found], step=[step for _, step in found])
    there = [city for city in FUNNELS if (rows.city == city).any()]
    chosen = st.pills("Cities", there, selection_mode="multi", default=there)
    columns = st.columns(2)
    for place, city in enumerate(city for city in there if city in chosen):
        with columns[place % 2]:
            _funnel(city, rows[rows.city == city])
    st.caption(
        "The public numbers. Pasadena's and Malibu's are counted from the cities' own data; those"
        " of LA's city and county are kept by hand. Applications that were withdrawn, or wait for"
        " something else, are in none of the later steps."
    )
    table = rows[
        ["city", "step", "metric_name", "metric_value", "value_before", "last_updated"]
    ].sort_values(["city", "step"])
    download(table, "permits")


def _funnel(city: str, rows: pd.DataFrame) -> None:
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
    st.caption(f"Updated {california(rows.last_updated.max())} in California.")


show()
