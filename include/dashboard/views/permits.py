"""Permits: rebuilding in three cities and LA County, from applications to permits."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    choose_period,
    download_button,
    draw_chart,
    format_day,
    format_time,
    in_columns,
)
from include.dashboard.fetch import as_of, fetch_rows

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
    "LA County": (
        "county_rebuild_applications_received",
        "county_building_plan_reviews_in_process",
        "county_building_permits_issued",
    ),
}
STEP_OF = {
    metric: (place, step)
    for place, metrics in FUNNELS.items()
    for step, metric in zip(STEPS, metrics, strict=True)
}


def draw_page() -> None:
    """Draw the page."""
    since = choose_period()
    public = fetch_rows("public_now", since, if_empty="No permits have been published yet.")
    if public is None:
        return
    rows = public[public.metric_name.isin(STEP_OF)]
    if rows.empty:
        st.info("None of the public metrics counts permits.")
        return
    found = [STEP_OF[name] for name in rows.metric_name]
    rows = rows.assign(
        place=[place for place, _ in found],
        step=[step for _, step in found],
        change=rows.metric_value - rows.value_before,
    )
    places = [place for place in FUNNELS if (rows.place == place).any()]
    chosen = st.pills("City or county", places, selection_mode="multi", default=places)
    for column, place in in_columns([place for place in places if place in chosen]):
        with column:
            _draw_funnel(place, rows[rows.place == place])
    st.caption(
        f"The public metrics, as of {as_of(public)}; in brackets the change since"
        f" {format_day(since)}{_note(rows)}. Those of Pasadena and Malibu are counted from the"
        " cities' data; staff enter those of LA's city and county by hand. An application that was"
        " withdrawn, or waits for something else, is in neither of the later steps."
    )
    table = rows[
        ["place", "step", "metric_name", "metric_value", "value_before", "change", "last_updated"]
    ].sort_values(["place", "step"])
    download_button(table.rename(columns={"place": "city_or_county"}), "permits")


def _note(rows: pd.DataFrame) -> str:
    if not rows.made_up_before.any():
        return ""
    return ", whose values are made up: sample data, which was never public"


def _draw_funnel(place: str, rows: pd.DataFrame) -> None:
    values = rows.set_index("step").metric_value
    received, issued = values.get("Received"), values.get("Issued")
    st.header(place, anchor=False)
    if received and issued is not None:
        st.markdown(
            f"**{issued / received:.0%}** of {received:,.0f} applications have their permit."
        )
    texts = [
        f"{value:,.10g} ({'new' if pd.isna(change) else f'{change:+,.10g}'})"
        for value, change in zip(rows.metric_value, rows.change, strict=True)
    ]
    bars = alt.Chart(rows.assign(text=texts)).encode(
        y=alt.Y("step:N", sort=list(STEPS), title=None),
        x=alt.X(
            "metric_value:Q",
            axis=None,
            # Room for the numbers beside the longest bar.
            scale=alt.Scale(domain=[0, max(1.0, 1.5 * rows.metric_value.max())]),
        ),
    )
    coloured = bars.mark_bar().encode(
        color=alt.Color(
            "step:N",
            scale=alt.Scale(domain=list(STEPS)),
            # The axis names the bars.
            legend=None,
        ),
        tooltip=[
            alt.Tooltip("step:N", title="Step"),
            alt.Tooltip("metric_value:Q", title="Now", format=","),
            alt.Tooltip("value_before:Q", title="Before", format=","),
        ],
    )
    numbers = bars.mark_text(align="left", dx=4, fontSize=13).encode(
        text="text:N",
        # The theme's first colour, whose contrast is enough for a text.
        color=alt.ColorDatum(STEPS[0]),
    )
    draw_chart(
        (coloured + numbers).properties(height=130),
        key=f"funnel-{place}",
        alt_text=f"{place}: "
        + ", ".join(f"{step} {text}" for step, text in zip(rows.step, texts, strict=True)),
    )
    st.caption(f"Updated {format_time(rows.last_updated.max())}.")


draw_page()
