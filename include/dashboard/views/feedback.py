"""Page feedback: the share of visitors who find a page helpful, by page and week."""

import altair as alt
import pandas as pd
import streamlit as st

from include.dashboard.components import choose_period, choose_some, download_button, draw_chart
from include.dashboard.fetch import as_of, fetch_rows

# A share of fewer answers says little.
MIN_ANSWERS = 5
LEGEND = f"helpful; small: fewer than {MIN_ANSWERS} answers"
# The side of a square of few answers, as a part of a whole one's.
SMALL = 0.55
# The borders of squares: at least 3:1 on white and on the dark background.
BORDER = "#767676"


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
    at = as_of(rows)
    rows = rows[rows.page.isin(choose_some("Pages", list(by_page.index)))]
    answers, helpful = int(rows.responses.sum()), int(rows.helpful_responses.sum())
    left, right = st.columns(2)
    left.metric("Answers", f"{answers:,}", border=True)
    right.metric("Found the page helpful", f"{helpful / answers:.0%}", border=True)
    st.header("Answers by week", anchor=False)
    draw_chart(
        _chart_of_weeks(rows),
        key="feedback-weeks",
        alt_text=f"{answers:,} answers by week, of which {helpful:,} found the page helpful.",
    )
    st.header("Helpful share by page and week", anchor=False)
    draw_chart(
        _chart_of_pages(rows),
        key="feedback-pages",
        alt_text="The helpful share of each page and week; the CSV file has the values.",
    )
    st.caption(
        f"As of {at}. Weeks begin on Mondays, in California. A small square had fewer than"
        f" {MIN_ANSWERS} answers: its share says little."
    )
    share = (rows.helpful_responses / rows.responses).astype("float64").round(4)
    download_button(rows.assign(helpful_share=share), "page-feedback")


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
                scale=alt.Scale(domain=["Helpful", "Not helpful"]),
                legend=alt.Legend(orient="top", title=None),
            ),
            tooltip=["week:T", "answer:N", "answers:Q"],
        )
        .properties(height=240)
    )
    return chart


def _chart_of_pages(rows: pd.DataFrame) -> alt.LayerChart | alt.FacetChart:
    shares = rows.assign(
        share=(rows.helpful_responses / rows.responses).astype("float64"),
        answers=rows.responses.astype("int64"),
    )
    squares = alt.Chart(shares).encode(
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
            legend=alt.Legend(orient="top", title=LEGEND, titleLimit=300, format="%"),
        ),
        tooltip=[
            alt.Tooltip("page:N", title="Page"),
            alt.Tooltip("week_starting:T", title="Week of"),
            alt.Tooltip("share:Q", title="Helpful", format=".0%"),
            alt.Tooltip("answers:Q", title="Answers"),
        ],
    )
    # A paler colour would be another share's colour on a dark page.
    layers = [
        squares.mark_rect(
            stroke=BORDER, strokeWidth=0.5, width={"band": size}, height={"band": size}
        ).transform_filter(which)
        for size, which in (
            (1, alt.datum.answers >= MIN_ANSWERS),
            (SMALL, alt.datum.answers < MIN_ANSWERS),
        )
    ]
    return alt.layer(*layers).properties(height=alt.Step(26))


draw_page()
