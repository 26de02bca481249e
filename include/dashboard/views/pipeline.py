"""Pipeline health: the age of each source's data, its loads, and incidents."""

from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    COLOURS,
    VERMILLION,
    choose_period,
    download_button,
    time_column,
)
from include.dashboard.fetch import fetch_rows
from include.times import utc_now

NO_LOADS = "No load was logged in this period."
# Fivetran loads these, so the load log lacks them.
SYNCED = ("airtable", "page_feedback")


def draw_page() -> None:
    """Draw the page."""
    since = choose_period()
    st.subheader("Age of the data")
    _draw_freshness(since)
    st.subheader("Loads by day")
    _draw_loads(since)
    st.subheader("Incidents")
    _draw_incidents(since)


def _draw_freshness(since: date) -> None:
    tables = fetch_rows("newest_loads", since, if_empty=NO_LOADS)
    if tables is not None:
        rows = tables.assign(
            table_name=tables.table_name.str.split(".").str[-1],
            age=_hours_ago(tables.loaded_at),
            change=tables.row_count - tables.rows_before,
        )
        st.dataframe(
            rows[
                [
                    "source", "table_name", "loaded_at", "age", "row_count", "change", "seconds",
                    "source_edited_at", "failures_since", "reason",
                ]
            ],
            hide_index=True,
            placeholder="",
            column_config={
                "source": "Source",
                "table_name": "Table",
                "loaded_at": time_column("Last good load"),
                "age": st.column_config.NumberColumn("Hours ago", format="%.1f"),
                "row_count": st.column_config.NumberColumn("Rows", format="localized"),
                "change": st.column_config.NumberColumn("Change", format="localized"),
                "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
                "source_edited_at": time_column("Edited at the source"),
                "failures_since": "Failures since",
                "reason": "Reason of the last failure",
            },
        )  # fmt: skip
    st.caption(
        "Unchanged sources are not reloaded and not logged, so an old load can still be current and"
        " a listed failure may already be resolved."
    )
    for source in SYNCED:
        newest = fetch_rows(
            "newest_value", source, if_empty=f"The mart of {source} is not built yet."
        )
        if newest is not None and pd.notna(newest.last_updated.iloc[0]):
            hours = _hours_ago(newest.last_updated).iloc[0]
            st.caption(
                f"{source} (synced by Fivetran): the newest metric is {hours:,.1f} hours old."
            )


def _draw_loads(since: date) -> None:
    loads = fetch_rows("loads_by_day", since, if_empty=NO_LOADS)
    if loads is None:
        return
    sources = sorted(loads.source.unique())
    chosen = st.pills("Sources", sources, selection_mode="multi", default=sources)
    rows = loads[loads.source.isin(chosen)]
    if rows.empty:
        st.info("Choose a source.")
        return
    left, right = st.columns(2)
    left.metric("Loads", f"{rows.loads.sum():,}", border=True)
    right.metric("Failed", f"{rows.failures.sum():,}", border=True)
    colours = alt.Scale(domain=sources, range=list(COLOURS[: len(sources)]))
    longest = rows.groupby(["day", "source"], as_index=False).longest_seconds.max()
    lines = alt.Chart(longest).encode(
        x=alt.X("day:T", title=None),
        y=alt.Y("longest_seconds:Q", title="longest load, seconds"),
        color=alt.Color(
            "source:N",
            scale=colours,
            legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=300),
        ),
        tooltip=["day:T", "source:N", alt.Tooltip("longest_seconds:Q", format=".1f")],
    )
    st.altair_chart(
        (lines.mark_line() + lines.mark_circle(size=40, opacity=1)).properties(height=400),
        key="loads",
    )
    failed = rows[rows.failures > 0].astype({"failures": "int64"})
    if not failed.empty:
        bars = alt.Chart(failed).mark_bar(color=VERMILLION, size=8)
        st.altair_chart(
            bars.encode(
                x=alt.X("day:T", title=None),
                y=alt.Y("sum(failures):Q", title="failed loads"),
                tooltip=["day:T", "source:N", "failures:Q"],
            ).properties(height=120),
            key="failed-loads",
        )
    download_button(rows, "loads")


def _draw_incidents(since: date) -> None:
    found = fetch_rows("incidents", since, if_empty="No incident was open in this period.")
    if found is None:
        return
    still_open = int(found.closed_at.isna().sum())
    st.markdown(f"{len(found)} in this period; **{still_open} open**.")
    st.dataframe(
        found.drop(columns="incident"),
        hide_index=True,
        placeholder="",
        column_config={
            "opened_at": time_column("Opened"),
            "closed_at": time_column("Closed"),
            "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
            "public_sees": "The public saw",
        },
    )
    download_button(found, "incidents")


def _hours_ago(times: pd.Series) -> pd.Series:
    return (utc_now() - times).dt.total_seconds() / 3600


draw_page()
