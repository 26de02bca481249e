"""Over time: what was public, day by day, and when something went wrong."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    BLUE,
    GREY,
    OTHER,
    TOPICS,
    VERMILLION,
    download,
    period,
    plain,
    topic,
    words,
)
from include.dashboard.fetch import ask
from include.times import CALIFORNIA

SEVERITIES = alt.Scale(domain=["high", "low"], range=[VERMILLION, GREY])


def show() -> None:
    """Draw the page."""
    since = period()
    values = ask("published_by_day", since, otherwise="Nothing was published in this period.")
    if values is None:
        return
    values = values.assign(topic=values.metric_name.map(topic))
    there = [name for name in (*TOPICS, OTHER) if (values.topic == name).any()]
    about = st.selectbox("Topic", there)
    values = values[values.topic == about]
    names = list(values.metric_name.unique())
    chosen = st.multiselect("Metrics", names, default=names, format_func=words)
    if not chosen:
        st.info("Choose a metric.")
        return
    trouble = ask(
        "incidents", since, otherwise="No incident was open in this period.", say=st.caption
    )
    marks = None if trouble is None else _within(trouble, values)
    columns = st.columns(2)
    for place, name in enumerate(chosen):
        with columns[place % 2]:
            st.markdown(f"**{plain(words(name))}**")
            rows = values[values.metric_name == name]
            st.altair_chart(_chart(rows, marks), key=f"over-time-{name}")
    if marks is not None:
        st.caption(
            "A vertical line is an incident's beginning: solid where the public saw something wrong"
            " (high), dashed where it did not (low). What they were is under Pipeline health."
        )
    rows = values[values.metric_name.isin(chosen)].drop(columns="topic")
    download(rows.assign(day=rows.day.dt.date), "metrics-over-time")


def _within(trouble: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The incidents that began in the days that the charts show, at California's time."""
    began = trouble.opened_at.dt.tz_convert(CALIFORNIA).dt.tz_localize(None)
    marks = trouble.assign(began=began)[["began", "severity", "dag", "kind", "public_sees"]]
    return marks[marks.began >= values.day.min()]


def _chart(
    rows: pd.DataFrame, marks: pd.DataFrame | None
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    day = alt.X("day:T", title=None)
    line: alt.Chart = (
        alt.Chart(rows)
        .mark_line(color=BLUE, interpolate="step-after", point=len(rows) < 40)  # noqa: PLR2004
        .encode(
            x=day,
            y=alt.Y(
                "metric_value:Q",
                title=rows.unit_label.iloc[-1],
                scale=alt.Scale(zero=False),
                axis=alt.Axis(format=",.2~f", tickCount=4),
            ),
            tooltip=[
                alt.Tooltip("day:T", title="Day"),
                alt.Tooltip("metric_value:Q", title="Value", format=",.2~f"),
            ],
        )
        .properties(height=200)
    )
    if marks is None or marks.empty:
        return line
    rules: alt.Chart = (
        alt.Chart(marks)
        .mark_rule(strokeWidth=1.5)
        .encode(
            x="began:T",
            color=alt.Color("severity:N", scale=SEVERITIES, legend=None),
            strokeDash=alt.StrokeDash(
                "severity:N",
                scale=alt.Scale(domain=["high", "low"], range=[[1, 0], [4, 3]]),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("began:T", title="Began", format="%b %d, %H:%M"),
                alt.Tooltip("dag:N", title="DAG"),
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("severity:N", title="Severity"),
                alt.Tooltip("public_sees:N", title="The public saw"),
            ],
        )
    )
    return alt.layer(line, rules)


show()
