"""Recovery now: every public metric, with its trend."""

import pandas as pd
import streamlit as st

from include.dashboard.components import (
    BLUE,
    OTHER,
    TOPICS,
    amount,
    california,
    download,
    period,
    plain,
    time_column,
    topic,
    words,
)
from include.dashboard.fetch import ask

IN_A_ROW = 4


def show() -> None:
    """Draw the page."""
    since = period()
    public = ask(
        "public_now",
        since,
        otherwise="Nothing has been published yet: the DAG publish_metrics has not run through.",
    )
    if public is None:
        return
    trends = ask("published_by_day", since, otherwise="Nothing was published in this period.")
    days = {} if trends is None else dict(list(trends.groupby("metric_name")["metric_value"]))
    st.caption(
        f"{len(public)} metrics, public since {california(public.published_at.iloc[0])} in"
        f" California. Changes are since {since:%B %-d, %Y}."
    )
    public = public.assign(topic=public.metric_name.map(topic))
    there = [name for name in (*TOPICS, OTHER) if (public.topic == name).any()]
    chosen = st.pills("Topic", there, default=there[0], required=True)
    _cards(public[public.topic == chosen], days)
    st.subheader("Every metric")
    _table(public, days)


def _cards(public: pd.DataFrame, days: dict[str, pd.Series]) -> None:
    metrics = list(public.itertuples())
    for start in range(0, len(metrics), IN_A_ROW):
        columns = st.columns(IN_A_ROW)
        for column, metric in zip(columns, metrics[start : start + IN_A_ROW], strict=False):
            change = _change(metric.metric_value, metric.value_before, metric.metric_type)
            trend = days.get(metric.metric_name, pd.Series(dtype=float)).tolist()
            column.metric(
                plain(words(metric.metric_name)),
                amount(metric.metric_value, metric.metric_type),
                change,
                # Up is not always good: the arrow says which way, and no colour judges it.
                delta_color="off",
                delta_arrow="auto" if change[0] in "+-" else "off",
                help=f"{plain(metric.unit_label)}; updated {california(metric.last_updated)}",
                chart_data=trend if len(trend) > 1 else None,
                border=True,
            )


def _change(value: float, before: float, metric_type: str) -> str:
    if pd.isna(before):
        return "new"
    change = value - before
    if change == 0:
        return "no change"
    return f"{'+' if change > 0 else '-'}{amount(abs(change), metric_type)}"


def _table(public: pd.DataFrame, days: dict[str, pd.Series]) -> None:
    rows = public.assign(change=public.metric_value - public.value_before)[
        [
            "topic",
            "metric_name",
            "metric_value",
            "unit_label",
            "change",
            "last_updated",
            "frequency",
        ]
    ]
    trends = [days[name].tolist() if name in days else [] for name in rows.metric_name]
    shown = rows.assign(metric_name=rows.metric_name.map(words))
    shown.insert(5, "trend", trends)
    st.dataframe(
        shown.sort_values(["topic", "metric_name"]),
        hide_index=True,
        column_config={
            "metric_name": "Metric",
            "metric_value": st.column_config.NumberColumn("Value", format="localized"),
            "unit_label": "Unit",
            "change": st.column_config.NumberColumn("Change", format="localized"),
            "trend": st.column_config.LineChartColumn("Trend", color=BLUE),
            "last_updated": time_column("Updated (California)"),
            "frequency": "Frequency",
            "topic": "Topic",
        },
    )
    download(rows, "recovery-now")


show()
