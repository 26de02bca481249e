"""Over time: the public values day by day, and the beginnings of incidents."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    BLUE,
    GREY,
    OTHER,
    TOPICS,
    VERMILLION,
    choose_period,
    download_button,
    escape_markdown,
    label,
    topic,
)
from include.dashboard.fetch import fetch_rows
from include.times import CALIFORNIA

# A line of fewer days marks each of them.
MIN_DAYS_WITHOUT_POINTS = 40
SEVERITIES = alt.Scale(domain=["high", "low"], range=[VERMILLION, GREY])


def draw_page() -> None:
    """Draw the page."""
    since = choose_period()
    values = fetch_rows("published_by_day", since, if_empty="Nothing was published in this period.")
    if values is None:
        return
    values = values.assign(topic=values.metric_name.map(topic))
    topics = [name for name in (*TOPICS, OTHER) if (values.topic == name).any()]
    chosen_topic = st.selectbox("Topic", topics)
    values = values[values.topic == chosen_topic]
    names = list(values.metric_name.unique())
    chosen = st.multiselect("Metrics", names, default=names, format_func=label)
    if not chosen:
        st.info("Choose a metric.")
        return
    incidents = fetch_rows(
        "incidents", since, if_empty="No incident was open in this period.", notice=st.caption
    )
    marks = None if incidents is None else _marks(incidents, values)
    columns = st.columns(2)
    for place, name in enumerate(chosen):
        with columns[place % 2]:
            st.markdown(f"**{escape_markdown(label(name))}**")
            rows = values[values.metric_name == name]
            st.altair_chart(_chart(rows, marks), key=f"over-time-{name}")
    if marks is not None:
        st.caption(
            "A vertical line marks the beginning of an incident: solid if the public saw something"
            " wrong (severity high), dashed if not (low). Pipeline health lists the incidents."
        )
    rows = values[values.metric_name.isin(chosen)].drop(columns="topic")
    download_button(rows, "metrics-over-time")


def _marks(incidents: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The incidents that began in the charts' days, with their beginnings in California's time."""
    began = incidents.opened_at.dt.tz_convert(CALIFORNIA).dt.tz_localize(None)
    marks = incidents.assign(began=began)[["began", "severity", "dag", "kind", "public_sees"]]
    return marks[marks.began >= values.day.min()]


def _chart(
    rows: pd.DataFrame, marks: pd.DataFrame | None
) -> alt.Chart | alt.LayerChart | alt.FacetChart:
    day = alt.X("day:T", title=None)
    line: alt.Chart = (
        alt.Chart(rows)
        .mark_line(color=BLUE, interpolate="step-after", point=len(rows) < MIN_DAYS_WITHOUT_POINTS)
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


draw_page()
