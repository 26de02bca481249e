"""Over time: the public values day by day, where incidents began, and two metrics compared."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import (
    choose_period,
    choose_some,
    download_button,
    draw_chart,
    escape_markdown,
    format_day,
    in_columns,
)
from include.dashboard.fetch import as_of, fetch_rows
from include.metric_words import OTHER, TOPICS, label, topic
from include.times import CALIFORNIA

# A line of fewer days marks each of them.
MIN_DAYS_WITHOUT_POINTS = 40
# What a chart can show, in the order of the theme's colours, with the dashes of each line.
PUBLIC, MADE_UP = "public value", "made-up value, never public"
INCIDENTS = {"high": "incident, severity high", "low": "incident, severity low"}
DASHES = {PUBLIC: [1, 0], MADE_UP: [2, 3], INCIDENTS["low"]: [6, 4], INCIDENTS["high"]: [1, 0]}


def draw_page() -> None:
    """Draw the page."""
    since = choose_period()
    values = fetch_rows("published_by_day", since, if_empty="Nothing was published in this period.")
    if values is None:
        return
    at = as_of(values)
    values = values.assign(topic=values.metric_name.map(topic))
    topics = [name for name in (*TOPICS, OTHER) if (values.topic == name).any()]
    chosen_topic = st.pills("Topic", topics, default=topics[0], required=True)
    names = list(values.metric_name[values.topic == chosen_topic].unique())
    chosen = choose_some("Metrics", names, format_func=label)
    incidents = fetch_rows(
        "incidents", since, if_empty="No incident was open in this period.", notice=st.caption
    )
    rows = values[values.metric_name.isin(chosen)]
    marks = None if incidents is None else _marks(incidents, rows)
    for column, name in in_columns(chosen):
        with column:
            st.header(escape_markdown(label(name)), anchor=False)
            one = values[values.metric_name == name]
            draw_chart(_chart(one, marks), key=f"over-time-{name}", alt_text=_description(one))
    st.caption(_explanation(values, incidents, at))
    download_button(rows.drop(columns="topic"), "metrics-over-time")
    _draw_comparison(values, chosen)


def _explanation(values: pd.DataFrame, incidents: pd.DataFrame | None, at: str) -> str:
    text = f"Public values as of {at}."
    if incidents is not None:
        text += (
            f" Incidents as of {as_of(incidents)}: a vertical line marks a beginning, solid if the"
            " public saw something wrong (severity high), dashed if not (low). Pipeline"
            " health lists them."
        )
    if values.made_up.any():
        text += (
            f" Dotted values until {format_day(values.day[values.made_up].max())} are made up:"
            " sample data, which was never public."
        )
    return text


def _marks(incidents: pd.DataFrame, values: pd.DataFrame) -> pd.DataFrame:
    """The incidents that began in the charts' days, with their beginnings in California's time."""
    began = incidents.opened_at.dt.tz_convert(CALIFORNIA).dt.tz_localize(None)
    marks = incidents.assign(began=began)[["began", "severity", "dag", "kind", "public_sees"]]
    marks = marks.assign(shown=marks.severity.map(INCIDENTS))
    return marks[marks.began >= values.day.min()]


def _description(rows: pd.DataFrame) -> str:
    first, last = rows.iloc[0], rows.iloc[-1]
    return (
        f"{label(first.metric_name)}: from {first.metric_value:,.10g} on {format_day(first.day)} to"
        f" {last.metric_value:,.10g} on {format_day(last.day)}."
    )


def _y(rows: pd.DataFrame) -> alt.Y:
    low, high = rows.metric_value.min(), rows.metric_value.max()
    # A metric that changes little would be a flat line above an axis that starts at zero.
    from_zero = bool(low <= high / 2)
    unit = rows.unit_label.iloc[-1]
    return alt.Y(
        "metric_value:Q",
        title=unit if from_zero else [unit, "(axis not from 0)"],
        scale=alt.Scale(zero=from_zero),
        axis=alt.Axis(format=",.2~f", tickCount=4),
    )


def _chart(rows: pd.DataFrame, marks: pd.DataFrame | None) -> alt.LayerChart | alt.FacetChart:
    rows = rows.assign(shown=rows.made_up.map({True: MADE_UP, False: PUBLIC}))
    has_points = len(rows) < MIN_DAYS_WITHOUT_POINTS
    marks = marks if marks is not None and not marks.empty else None
    shown = set(rows.shown) | (set() if marks is None else set(marks.shown))
    # A domain that is the same in every chart, so that each name has one colour.
    domain = list(DASHES)
    # One legend for both, since their domain and their legend are the same.
    legend = alt.Legend(
        orient="bottom", title=None, columns=1, labelLimit=300, symbolType="stroke",
        values=[name for name in DASHES if name in shown],
    )  # fmt: skip
    colour = alt.Color("shown:N", scale=alt.Scale(domain=domain), legend=legend)
    dash = alt.StrokeDash(
        "shown:N", scale=alt.Scale(domain=domain, range=list(DASHES.values())), legend=legend
    )
    line = (
        alt.Chart(rows)
        .mark_line(interpolate="step-after", point=has_points)
        .encode(
            x=alt.X("day:T", title=None),
            y=_y(rows),
            color=colour,
            strokeDash=dash,
            tooltip=[
                alt.Tooltip("day:T", title="Day"),
                alt.Tooltip("metric_value:Q", title="Value", format=",.2~f"),
                alt.Tooltip("shown:N", title="What"),
            ],
        )
    )
    layers = [line]
    if not has_points:
        # The first public day after made-up ones has no line yet.
        newest = alt.Chart(rows.tail(1)).mark_point(filled=True, size=45, opacity=1)
        layers.append(newest.encode(x="day:T", y=_y(rows), color=colour))
    if marks is not None:
        layers.append(_rules(marks, colour, dash))
    return alt.layer(*layers).properties(height=300)


def _rules(marks: pd.DataFrame, colour: alt.Color, dash: alt.StrokeDash) -> alt.Chart:
    rules: alt.Chart = (
        alt.Chart(marks)
        .mark_rule(strokeWidth=1.5)
        .encode(
            x="began:T",
            color=colour,
            strokeDash=dash,
            tooltip=[
                alt.Tooltip("began:T", title="Began", format="%b %d, %H:%M"),
                alt.Tooltip("dag:N", title="DAG"),
                alt.Tooltip("kind:N", title="Kind"),
                alt.Tooltip("severity:N", title="Severity"),
                alt.Tooltip("public_sees:N", title="The public saw"),
            ],
        )
    )
    return rules


def _draw_comparison(values: pd.DataFrame, chosen: list[str]) -> None:
    names = list(values.metric_name.unique())
    if len(names) == 1:
        return
    st.header("Two metrics compared", anchor=False)
    left, right = st.columns(2)
    first = left.selectbox("First metric", names, index=names.index(chosen[0]), format_func=label)
    others = [name for name in names if name != first]
    near = next((name for name in chosen if name != first), others[0])
    second = right.selectbox("Second metric", others, index=others.index(near), format_func=label)
    rows = values[values.metric_name.isin([first, second])]
    draw_chart(
        _comparison(rows, [first, second]),
        key="comparison",
        alt_text=f"{label(first)} and {label(second)}, day by day.",
    )


def _comparison(rows: pd.DataFrame, names: list[str]) -> alt.Chart:
    """Draw two metrics on one axis that starts at zero: as they are, or each as a percentage."""
    units = rows.unit_label.groupby(rows.metric_name).last()
    same = units.nunique() == 1
    highest = rows.groupby("metric_name").metric_value.transform("max")
    part = (100 * rows.metric_value / highest.where(highest > 0)).fillna(0)
    rows = rows.assign(
        height=rows.metric_value if same else part,
        metric=rows.metric_name.map(label),
        shown=rows.made_up.map({True: MADE_UP, False: PUBLIC}),
    )
    kinds = [name for name in (PUBLIC, MADE_UP) if (rows.shown == name).any()]
    lines = alt.Chart(rows).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(format="%b %d", labelOverlap=True)),
        y=alt.Y(
            "height:Q",
            title=units.iloc[0] if same else "% of the period's highest value",
            scale=alt.Scale(zero=True),
        ),
        color=alt.Color(
            "metric:N",
            scale=alt.Scale(domain=[label(name) for name in names]),
            legend=alt.Legend(orient="bottom", title=None, columns=1, labelLimit=300),
        ),
        strokeDash=alt.StrokeDash(
            "shown:N",
            scale=alt.Scale(domain=kinds, range=[DASHES[name] for name in kinds]),
            legend=alt.Legend(
                orient="bottom", title=None, columns=1, labelLimit=300, symbolType="stroke"
            ),
        ),
        tooltip=[
            alt.Tooltip("metric:N", title="Metric"),
            alt.Tooltip("day:T", title="Day"),
            alt.Tooltip("metric_value:Q", title="Value", format=",.2~f"),
            alt.Tooltip("unit_label:N", title="Unit"),
        ],
    )
    chart: alt.Chart = lines.mark_line(interpolate="step-after").properties(height=340)
    return chart


draw_page()
