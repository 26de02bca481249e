"""Warehouse cost: which source and DAG the warehouses work for."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import COLOURS, download, period
from include.dashboard.fetch import ask

BY = {"Source": "source", "DAG": "dag", "Warehouse": "warehouse"}
OTHERS = "all others"


def show() -> None:
    """Draw the page."""
    rows = ask(
        "warehouse_cost",
        period(),
        otherwise="The account's query history holds no statement of the pipeline in this period,"
        " or the dashboard's role may not read it.",
    )
    if rows is None:
        return
    by = BY[st.segmented_control("By", list(BY), default="Source", required=True)]
    names = sorted(rows[by].unique())
    chosen = st.multiselect("Of these", names, default=names)
    rows = rows[rows[by].isin(chosen)]
    if rows.empty:
        st.info("Choose at least one.")
        return
    first, second, third = st.columns(3)
    first.metric("Statements", f"{rows.statements.sum():,}", border=True)
    second.metric("Seconds", f"{rows.seconds.sum():,.0f}", border=True)
    third.metric("Scanned", f"{rows.bytes_scanned.sum() / 1e9:,.2f} GB", border=True)
    st.altair_chart(_days(rows, by), key="cost-days")
    totals = rows.groupby(["source", "dag", "warehouse"], as_index=False)[
        ["statements", "failures", "seconds", "bytes_scanned", "share"]
    ].sum()
    st.dataframe(
        totals.sort_values("seconds", ascending=False),
        hide_index=True,
        column_config={
            "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
            "bytes_scanned": st.column_config.NumberColumn("Bytes scanned", format="bytes"),
            "share": st.column_config.NumberColumn("Share of seconds", format="percent"),
        },
    )
    st.caption(
        "Seconds are the statements' own, from start to end. Credits are billed for as long as a"
        " warehouse is awake: how to see them is in docs/dashboard.md."
    )
    download(rows.assign(day=rows.day.dt.date), "warehouse-cost")


def _days(rows: pd.DataFrame, by: str) -> alt.Chart:
    """Seconds by day; the smallest parts as one if there are more than there are colours."""
    largest = list(rows.groupby(by).seconds.sum().sort_values(ascending=False).index)
    kept = largest if len(largest) <= len(COLOURS) else [*largest[: len(COLOURS) - 1], OTHERS]
    days = rows.assign(part=rows[by].where(rows[by].isin(kept), OTHERS))
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
                scale=alt.Scale(domain=kept, range=list(COLOURS[: len(kept)])),
                legend=alt.Legend(orient="top", title=None, columns=3),
            ),
            tooltip=["day:T", "part:N", alt.Tooltip("seconds:Q", format=",.1f")],
        )
        .properties(height=320)
    )
    return chart


show()
