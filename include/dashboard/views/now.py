"""Recovery now: every public metric, with its trend."""

from datetime import date

import pandas as pd
import streamlit as st

from include.dashboard.components import (
    choose_period,
    download_button,
    escape_markdown,
    format_amount,
    format_day,
    format_time,
    time_column,
)
from include.dashboard.fetch import as_of, fetch_rows
from include.metric_words import OTHER, TOPICS, label, topic

CARDS_PER_ROW = 4


def draw_page() -> None:
    """Draw the page."""
    since = choose_period()
    public = fetch_rows(
        "public_now",
        since,
        if_empty="Nothing has been published yet: the DAG publish_metrics has not completed a run.",
    )
    if public is None:
        return
    trends = fetch_rows("published_by_day", since, if_empty="Nothing was published in this period.")
    days = {} if trends is None else dict(list(trends.groupby("metric_name")["metric_value"]))
    _draw_caption(public, trends, since)
    public = public.assign(topic=public.metric_name.map(topic))
    topics = [name for name in (*TOPICS, OTHER) if (public.topic == name).any()]
    chosen = st.pills("Topic", topics, default=topics[0], required=True)
    _draw_cards(public[public.topic == chosen], days)
    st.header("Every metric", anchor=False)
    _draw_table(public, days)


def _draw_caption(public: pd.DataFrame, trends: pd.DataFrame | None, since: date) -> None:
    st.caption(
        f"{len(public)} metrics, public since {format_time(public.published_at.iloc[0])}; as of"
        f" {as_of(public)}. Changes are since {format_day(since)}. A small line shows the period,"
        " from the metric's lowest to its highest value: it does not start at zero."
    )
    made_up = None if trends is None else trends[trends.made_up]
    if public.made_up_before.any() or (made_up is not None and not made_up.empty):
        until = (
            "" if made_up is None or made_up.empty else f" until {format_day(made_up.day.max())}"
        )
        st.warning(
            f"The history{until} is made up: sample data, which was never public. Changes and small"
            " lines that begin there show it."
        )


def _draw_cards(public: pd.DataFrame, days: dict[str, pd.Series]) -> None:
    metrics = list(public.itertuples())
    for start in range(0, len(metrics), CARDS_PER_ROW):
        columns = st.columns(CARDS_PER_ROW)
        for column, metric in zip(columns, metrics[start : start + CARDS_PER_ROW], strict=False):
            change = _format_change(metric.metric_value, metric.value_before, metric.metric_type)
            trend = days.get(metric.metric_name, pd.Series(dtype=float)).tolist()
            column.metric(
                escape_markdown(label(metric.metric_name)),
                format_amount(metric.metric_value, metric.metric_type),
                change,
                # A rise is not always good: an arrow shows the direction, and no colour judges it.
                delta_color="off",
                delta_arrow="auto" if change[0] in "+-" else "off",
                help=f"{escape_markdown(metric.unit_label)};"
                f" updated {format_time(metric.last_updated)}",
                chart_data=trend if len(trend) > 1 else None,
                border=True,
            )


def _format_change(value: float, before: float, metric_type: str) -> str:
    if pd.isna(before):
        return "new"
    change = value - before
    if change == 0:
        return "no change"
    return f"{'+' if change > 0 else '-'}{format_amount(abs(change), metric_type)}"


def _draw_table(public: pd.DataFrame, days: dict[str, pd.Series]) -> None:
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
    shown = rows.assign(metric_name=rows.metric_name.map(label))
    shown.insert(5, "trend", trends)
    st.dataframe(
        shown.sort_values(["topic", "metric_name"]),
        hide_index=True,
        column_config={
            "metric_name": "Metric",
            "metric_value": st.column_config.NumberColumn("Value", format="localized"),
            "unit_label": "Unit",
            "change": st.column_config.NumberColumn("Change", format="localized"),
            "trend": st.column_config.LineChartColumn("Trend, not from zero"),
            "last_updated": time_column("Updated (California)"),
            "frequency": "Frequency",
            "topic": "Topic",
        },
    )
    download_button(rows, "recovery-now")


draw_page()
