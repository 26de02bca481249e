"""Pipeline health: how new each source's data is, how loads went, and what went wrong."""

from datetime import date

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import COLOURS, VERMILLION, download, now, period, time_column
from include.dashboard.fetch import ask

NO_LOADS = "No load was logged in this period."
# Fivetran loads these; our own load log does not tell of them.
SYNCED = ("airtable", "page_feedback")


def show() -> None:
    """Draw the page."""
    since = period()
    st.subheader("How new the data is")
    _freshness(since)
    st.subheader("Loads by day")
    _loads(since)
    st.subheader("Incidents")
    _incidents(since)


def _freshness(since: date) -> None:
    tables = ask("newest_loads", since, otherwise=NO_LOADS)
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
                "reason": "Why the last one failed",
            },
        )  # fmt: skip
    st.caption(
        "A source that had not changed is read and not loaded again, and the log does not tell of"
        " it: an old load may be of new data, and a failure may be over."
    )
    for source in SYNCED:
        newest = ask("newest_value", source, otherwise=f"The mart of {source} is not built yet.")
        if newest is not None and pd.notna(newest.last_updated.iloc[0]):
            hours = _hours_ago(newest.last_updated).iloc[0]
            st.caption(
                f"{source}, which Fivetran syncs: its newest metric is {hours:,.1f} hours old."
            )


def _loads(since: date) -> None:
    loads = ask("loads_by_day", since, otherwise=NO_LOADS)
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
    download(rows.assign(day=rows.day.dt.date), "loads")


def _incidents(since: date) -> None:
    found = ask("incidents", since, otherwise="No incident was open in this period.")
    if found is None:
        return
    still = int(found.closed_at.isna().sum())
    st.markdown(f"{len(found)} in this period; **{still} open**.")
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
    download(found, "incidents")


def _hours_ago(times: pd.Series) -> pd.Series:
    return (now() - times).dt.total_seconds() / 3600


show()
