"""Warehouse cost: the warehouses' seconds by source and DAG."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    MAX_COLOURS,
    choose_period,
    choose_some,
    download_button,
    draw_chart,
)
from include.dashboard.fetch import as_of, fetch_rows

GROUPINGS = {"Source": "source", "DAG": "dag", "Warehouse": "warehouse"}
OTHERS = "all others"


def draw_page() -> None:
    """Draw the page."""
    rows = fetch_rows(
        "warehouse_cost",
        choose_period(),
        if_empty="The account's query history holds no statement of the pipeline in this period,"
        " or the dashboard's role may not read it.",
    )
    if rows is None:
        return
    by = GROUPINGS[st.segmented_control("By", list(GROUPINGS), default="Source", required=True)]
    names = sorted(rows[by].unique())
    at = as_of(rows)
    rows = rows[rows[by].isin(choose_some("Show", names))]
    first, second, third = st.columns(3)
    first.metric("Statements", f"{rows.statements.sum():,}", border=True)
    second.metric("Seconds", f"{rows.seconds.sum():,.0f}", border=True)
    third.metric("Scanned", f"{rows.bytes_scanned.sum() / 1e9:,.2f} GB", border=True)
    draw_chart(
        _chart_of_days(rows, by),
        key="cost-days",
        alt_text=f"Seconds by day and {by}; the table below has the sums.",
    )
    totals = rows.groupby(["source", "dag", "warehouse"], as_index=False)[
        ["statements", "failures", "seconds", "bytes_scanned", "share"]
    ].sum()
    st.dataframe(
        totals.sort_values("seconds", ascending=False),
        hide_index=True,
        column_config={
            "source": "Source",
            "dag": "DAG",
            "warehouse": "Warehouse",
            "statements": "Statements",
            "failures": "Failed, of these",
            "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
            "bytes_scanned": st.column_config.NumberColumn("Bytes scanned", format="bytes"),
            "share": st.column_config.NumberColumn("Share of seconds", format="percent"),
        },
    )
    st.caption(
        f"As of {at}; Snowflake's history is up to 45 minutes late. Seconds are those of the"
        " statements, from start to end. Snowflake bills credits for as long as a warehouse is"
        " awake: docs/observability.md has the query."
    )
    download_button(rows, "warehouse-cost")


def _chart_of_days(rows: pd.DataFrame, by: str) -> alt.Chart:
    """Draw the seconds by day; if there are more parts than colours, the smallest become one."""
    largest = list(rows.groupby(by).seconds.sum().sort_values(ascending=False).index)
    parts = largest if len(largest) <= MAX_COLOURS else [*largest[: MAX_COLOURS - 1], OTHERS]
    days = rows.assign(part=rows[by].where(rows[by].isin(parts), OTHERS))
    days = days.groupby(["day", "part"], as_index=False).seconds.sum()
    chart: alt.Chart = (
        alt.Chart(days)
        .mark_bar()
        .encode(
            x=alt.X(
                "yearmonthdate(day):O", title=None, axis=alt.Axis(format="%b %d", labelAngle=-45)
            ),
            y=alt.Y("seconds:Q", title="seconds"),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(domain=parts),
                legend=alt.Legend(orient="top", title=None, columns=3),
            ),
            tooltip=["day:T", "part:N", alt.Tooltip("seconds:Q", format=",.1f")],
        )
        .properties(height=320)
    )
    return chart


draw_page()
