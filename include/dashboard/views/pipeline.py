"""Pipeline health: the age of each source's data, its loads, and incidents."""

from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    choose_period,
    download_button,
    draw_chart,
    escape_markdown,
    time_column,
)
from include.dashboard.fetch import as_of, fetch_rows
from include.times import utc_now

NO_LOADS = "No load was logged in this period."
NEVER_LOADED = "No load has been logged yet."
# Fivetran loads these, so the load log lacks them.
SYNCED = ("airtable", "page_feedback")


def draw_page() -> None:
    """Draw the page."""
    st.header("Age of the data", anchor=False)
    _draw_freshness()
    # The age above is that of the newest load, whatever the period.
    st.header("Loads and incidents", anchor=False)
    since = choose_period()
    st.subheader("Loads by day", anchor=False)
    _draw_loads(since)
    st.subheader("Incidents", anchor=False)
    _draw_incidents(since)


def _draw_freshness() -> None:
    tables = fetch_rows("newest_loads", if_empty=NEVER_LOADED)
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
                "loaded_at": time_column("Last good load (California)"),
                "age": st.column_config.NumberColumn("Hours ago", format="%.1f"),
                "row_count": st.column_config.NumberColumn("Rows", format="localized"),
                "change": st.column_config.NumberColumn("Change", format="localized"),
                "seconds": st.column_config.NumberColumn("Seconds", format="%.1f"),
                "source_edited_at": time_column("Edited at the source (California)"),
                "failures_since": "Failures since",
                "reason": "Reason of the last failure",
            },
        )  # fmt: skip
        st.caption(f"The newest load of each table, however old, as of {as_of(tables)}.")
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
                f"{source} (synced by Fivetran): the newest metric was {hours:,.1f} hours old,"
                f" as of {as_of(newest)}."
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
    completed, failed = int(rows.loads.sum()), rows.groupby("source").failures.sum()
    left, right = st.columns(2)
    left.metric("Completed loads", f"{completed:,}", border=True)
    right.metric("Failed loads", f"{failed.sum():,}", border=True)
    draw_chart(
        _chart_of_loads(rows, sources),
        key="loads",
        alt_text="Seconds of each source's longest completed load, by day.",
    )
    if failed.sum():
        named = ", ".join(f"{source} {count:,}" for source, count in failed[failed > 0].items())
        st.markdown(f"**Failed loads by source:** {escape_markdown(named)}")
        draw_chart(
            _chart_of_failures(rows, sources),
            key="failed-loads",
            alt_text=f"Failed loads: {named}.",
        )
    st.caption(f"As of {as_of(loads)}. A failed load is not among the completed ones.")
    download_button(rows, "loads")


def _colour(sources: list[str]) -> alt.Color:
    return alt.Color(
        "source:N",
        scale=alt.Scale(domain=sources),
        legend=alt.Legend(orient="bottom", title=None, columns=2, labelLimit=300),
    )


def _chart_of_loads(rows: pd.DataFrame, sources: list[str]) -> alt.LayerChart:
    longest = rows.groupby(["day", "source"], as_index=False).longest_seconds.max().dropna()
    lines = alt.Chart(longest).encode(
        x=alt.X("day:T", title=None),
        y=alt.Y("longest_seconds:Q", title="longest load, seconds", scale=alt.Scale(zero=True)),
        color=_colour(sources),
        tooltip=["day:T", "source:N", alt.Tooltip("longest_seconds:Q", format=".1f")],
    )
    chart: alt.LayerChart = (lines.mark_line() + lines.mark_circle(size=40, opacity=1)).properties(
        height=320
    )
    return chart


def _chart_of_failures(rows: pd.DataFrame, sources: list[str]) -> alt.Chart:
    failed = rows[rows.failures > 0].astype({"failures": "int64"})
    chart: alt.Chart = (
        alt.Chart(failed[["day", "source", "table_name", "failures"]])
        .mark_bar(size=8)
        .encode(
            x=alt.X("day:T", title=None),
            y=alt.Y("sum(failures):Q", title="failed loads"),
            color=_colour(sources),
            tooltip=["day:T", "source:N", "table_name:N", "failures:Q"],
        )
        .properties(height=240)
    )
    return chart


def _draw_incidents(since: date) -> None:
    found = fetch_rows("incidents", since, if_empty="No incident was open in this period.")
    if found is None:
        return
    still_open = int(found.closed_at.isna().sum())
    st.markdown(
        f"{len(found)} in this period; **{still_open} open** as of {as_of(found)}. The incident log"
        " is written every 15 minutes: Airflow's page Publication has the current state."
    )
    st.dataframe(
        found.drop(columns="incident"),
        hide_index=True,
        placeholder="",
        column_config={
            "kind": "Kind",
            "severity": "Severity",
            "dag": "DAG",
            "tasks": "Tasks",
            "error": "Error",
            "responder": "Responder",
            "opened_at": time_column("Opened (California)"),
            "closed_at": time_column("Closed (California)"),
            "hours": st.column_config.NumberColumn("Hours", format="%.1f"),
            "public_sees": "The public saw",
        },
    )
    download_button(found, "incidents")


def _hours_ago(times: pd.Series) -> pd.Series:
    return (utc_now() - times).dt.total_seconds() / 3600


draw_page()
