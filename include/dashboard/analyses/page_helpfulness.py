# %% [markdown]
"""
# Do visitors find the pages more helpful than before?

Visitors who answer are not all visitors, and those who are annoyed may answer more often: the
share says more of its change than of its level. The 95 % intervals are Wilson's, and Newcombe's
for the change (`intervals.py`): with few answers they are wide.
"""

# %%
from datetime import date, timedelta

import altair as alt
import pandas as pd
import snowflake.connector

from include.dashboard import queries
from include.dashboard.analyses import output
from include.dashboard.analyses.intervals import difference_interval, share_interval
from include.dashboard.analyses.output import BLUE
from include.times import CALIFORNIA, utc_now

# The last weeks are compared with as many before them.
WEEKS = 8
MOST_PAGES = 6
BEGAN = date(2025, 1, 7)

with snowflake.connector.connect() as connection:
    rows = queries.feedback_by_page_and_week(connection, since=BEGAN)
rows = rows.astype({"responses": "int64", "helpful_responses": "int64"})
# This week has not ended: its answers are still to come.
today = pd.Timestamp(utc_now().astimezone(CALIFORNIA).date())
monday = today - timedelta(days=today.day_of_week)
rows = rows[rows.week_starting < monday]


# %% [markdown]
# ## The last weeks, and those before


# %%
def counted(page: pd.DataFrame, begin: int, end: int) -> tuple[int, int]:
    """The helpful answers and all answers, from so many weeks ago to so many."""
    of_weeks = page[
        (page.week_starting >= monday - timedelta(weeks=begin))
        & (page.week_starting < monday - timedelta(weeks=end))
    ]
    return int(of_weeks.helpful_responses.sum()), int(of_weeks.responses.sum())


def described(name: str, page: pd.DataFrame) -> dict[str, object]:
    """A row of the table."""
    now, before = counted(page, WEEKS, 0), counted(page, 2 * WEEKS, WEEKS)
    low, high = share_interval(*now)
    change_low, change_high = difference_interval(now, before)
    is_known = now[1] > 0 and before[1] > 0
    return {
        "page": name,
        "answers": int(page.responses.sum()),
        "answers_last_weeks": now[1],
        "answers_weeks_before": before[1],
        "helpful_share": now[0] / now[1] if now[1] else float("nan"),
        "helpful_share_low": low,
        "helpful_share_high": high,
        "change": now[0] / now[1] - before[0] / before[1] if is_known else float("nan"),
        "change_low": change_low,
        "change_high": change_high,
    }


pages = {str(name): page for name, page in rows.groupby("page")}
listed = [described("all pages", rows), *(described(name, page) for name, page in pages.items())]
table = pd.DataFrame(listed).sort_values("answers", ascending=False, ignore_index=True)


# %% [markdown]
# ## In words


# %%
def in_words(row: pd.Series) -> str:
    """The sentence of a page."""
    if not row.answers_last_weeks:
        return f"{row.page}: no answer in the last {WEEKS} weeks."
    share = (
        f"{row.page}: {row.helpful_share:.0%} of {row.answers_last_weeks:,} answers in the last"
        f" {WEEKS} weeks (95 % interval {row.helpful_share_low:.0%} to"
        f" {row.helpful_share_high:.0%})"
    )
    if pd.isna(row.change):
        return f"{share}; no answer in the {WEEKS} weeks before."
    change = f"{row.change * 100:+.0f} points ({row.change_low * 100:+.0f} to"
    change += f" {row.change_high * 100:+.0f})"
    if row.change_low <= 0 <= row.change_high:
        return f"{share}; {change}: no clear change."
    return f"{share}; {change}: {'more' if row.change > 0 else 'less'} helpful than before."


shown = table.head(1 + MOST_PAGES)
sentences = [in_words(row) for _, row in shown.iterrows()] if len(rows) else []

# %%
if len(rows):
    names = [name for name in shown.page if name != "all pages"]
    drawn = rows[rows.page.isin(names)].copy()
    limits = [
        share_interval(*pair) for pair in zip(drawn.helpful_responses, drawn.responses, strict=True)
    ]
    drawn = drawn.assign(
        share=drawn.helpful_responses / drawn.responses,
        low=[low for low, _ in limits],
        high=[high for _, high in limits],
    )
    base = alt.Chart(drawn).encode(x=alt.X("week_starting:T", title=None))
    band = base.mark_area(opacity=0.2, color=BLUE).encode(
        y=alt.Y("low:Q", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1]), title=None),
        y2="high:Q",
    )
    line = base.mark_line(point=True, color=BLUE).encode(y="share:Q")
    drawing: alt.TopLevelMixin = (
        (band + line)
        .properties(width=300, height=120)
        .facet(facet=alt.Facet("page:N", sort=names, title=None), columns=2)
    )
else:
    sentences = ["No visitor has answered in a whole week yet."]
    drawing = output.without_rows(sentences[0])
chart = output.titled(
    drawing,
    "Do visitors find the pages more helpful than before?",
    [*sentences[:1], "By week, the pages with most answers. Band: 95 % interval."],
)
output.save("page_helpfulness", chart, table, sentences)
