"""Page feedback: the share of visitors who find a page helpful, by page and week."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import BLUE, GREY, choose_period, download_button
from include.dashboard.fetch import fetch_rows

# A share of fewer answers says little.
MIN_ANSWERS = 5


def draw_page() -> None:
    """Draw the page."""
    rows = fetch_rows(
        "feedback_by_page_and_week",
        choose_period(),
        if_empty="No visitor has answered in this period.",
    )
    if rows is None:
        return
    by_page = rows.groupby("page").responses.sum().sort_values(ascending=False)
    chosen = st.multiselect("Pages", list(by_page.index), default=list(by_page.index))
    rows = rows[rows.page.isin(chosen)]
    if rows.empty:
        st.info("Choose a page.")
        return
    answers, helpful = int(rows.responses.sum()), int(rows.helpful_responses.sum())
    left, right = st.columns(2)
    left.metric("Answers", f"{answers:,}", border=True)
    right.metric("Found the page helpful", f"{helpful / answers:.0%}", border=True)
    st.subheader("Answers by week")
    st.altair_chart(_chart_of_weeks(rows), key="feedback-weeks")
    st.subheader("Helpful share by page and week")
    st.altair_chart(_chart_of_pages(rows), key="feedback-pages")
    st.caption(
        "Weeks begin on Mondays, in California. A paler square had fewer than"
        f" {MIN_ANSWERS} answers: its share says little."
    )
    share = (rows.helpful_responses / rows.responses).astype("float64").round(4)
    table = rows.assign(helpful_share=share, week_starting=rows.week_starting.dt.date)
    download_button(table, "page-feedback")


def _chart_of_weeks(rows: pd.DataFrame) -> alt.Chart:
    by_week = rows.groupby("week_starting", as_index=False)[
        ["helpful_responses", "responses"]
    ].sum()
    parts = pd.DataFrame(
        {
            "week": by_week.week_starting,
            "Helpful": by_week.helpful_responses,
            "Not helpful": by_week.responses - by_week.helpful_responses,
        }
    ).melt("week", var_name="answer", value_name="answers")
    chart: alt.Chart = (
        alt.Chart(parts.astype({"answers": "int64"}))
        .mark_bar()
        .encode(
            x=alt.X(
                "yearmonthdate(week):O", title=None, axis=alt.Axis(format="%b %d", labelAngle=-45)
            ),
            y=alt.Y("answers:Q", title="answers"),
            color=alt.Color(
                "answer:N",
                scale=alt.Scale(domain=["Helpful", "Not helpful"], range=[BLUE, GREY]),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=["week:T", "answer:N", "answers:Q"],
        )
        .properties(height=240)
    )
    return chart


def _chart_of_pages(rows: pd.DataFrame) -> alt.Chart:
    shares = rows.assign(
        share=(rows.helpful_responses / rows.responses).astype("float64"),
        answers=rows.responses.astype("int64"),
    )
    chart: alt.Chart = (
        alt.Chart(shares)
        .mark_rect()
        .encode(
            x=alt.X(
                "yearmonthdate(week_starting):O",
                title=None,
                axis=alt.Axis(format="%b %d", labelAngle=-45),
            ),
            y=alt.Y("page:N", title=None, axis=alt.Axis(labelLimit=220)),
            # A scale that is readable by brightness alone.
            color=alt.Color(
                "share:Q",
                scale=alt.Scale(scheme="cividis", domain=[0, 1]),
                legend=alt.Legend(orient="top", title="helpful", format="%"),
            ),
            opacity=alt.condition(f"datum.answers >= {MIN_ANSWERS}", alt.value(1), alt.value(0.45)),
            tooltip=[
                alt.Tooltip("page:N", title="Page"),
                alt.Tooltip("week_starting:T", title="Week of"),
                alt.Tooltip("share:Q", title="Helpful", format=".0%"),
                alt.Tooltip("answers:Q", title="Answers"),
            ],
        )
        .properties(height=alt.Step(26))
    )
    return chart


draw_page()
