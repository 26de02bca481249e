# %% [markdown]
"""
# How fast did each phase go, and when would it end at this pace?

From the public counts: what was added in each whole week, Monday to Sunday in California. A week
without a publication keeps the last public value.

The end is that of many possible futures, each made of weeks like the last twelve
(`intervals.py` has the method). **It is no forecast**: parcels that are left may be harder, and
the pace then falls. If the pace has fallen within the twelve weeks, the end is later.
"""

# %%
from datetime import date, timedelta

import altair as alt
import numpy as np
import pandas as pd
import snowflake.connector

from include.dashboard import queries as shared
from include.dashboard.analyses import output
from include.dashboard.analyses.intervals import pace_interval, weeks_until_done
from include.dashboard.analyses.output import BLUE, GREY
from include.times import CALIFORNIA, utc_now

# For each phase the metric that is done, and the one that is to be done.
PHASES = {
    "Phase 1: hazardous material": ("cleanup_phase1_complete", "cleanup_phase1_parcels"),
    "Phase 2: debris": ("phase2_parcels_completed", "phase2_roes_accepted"),
}
LAST_WEEKS = 12
# Fewer weeks say too little of a pace.
LEAST_WEEKS = 4
BEGAN = date(2025, 1, 7)
# Not within ten years.
NEVER = "never"

with snowflake.connector.connect() as connection:
    days = shared.published_by_day(connection, since=BEGAN)
today = pd.Timestamp(utc_now().astimezone(CALIFORNIA).date())


# %% [markdown]
# ## What each week added


# %%
def value_by_day(metric: str) -> pd.Series:
    """A metric's public value at the end of each day, from its first to yesterday."""
    rows = days[days.metric_name == metric].set_index("day").metric_value
    if rows.empty:
        return rows
    every = pd.date_range(rows.index.min(), max(today - timedelta(days=1), rows.index.min()))
    return rows.reindex(every).ffill()


def whole_weeks(values: pd.Series) -> pd.Series:
    """What was added in each whole week, by the Sunday on which it ended."""
    if values.empty:
        return values
    sundays = values[values.index.day_of_week == 6]  # noqa: PLR2004
    return sundays.diff().dropna()


def newest(metric: str) -> float:
    """A metric's newest public value; missing if it has none."""
    rows = days[days.metric_name == metric]
    return float(rows.metric_value.iloc[-1]) if len(rows) else float("nan")


weekly = {phase: whole_weeks(value_by_day(done)) for phase, (done, _) in PHASES.items()}


# %% [markdown]
# ## When would it end?


# %%
def end_after(weeks: float) -> str:
    """The day after so many weeks."""
    return f"{today + timedelta(weeks=weeks):%Y-%m-%d}" if np.isfinite(weeks) else NEVER


def described(phase: str) -> dict[str, object]:
    """A row of the table."""
    done, wanted = (newest(metric) for metric in PHASES[phase])
    last = weekly[phase].tail(LAST_WEEKS)
    row = {
        "phase": phase,
        "done": done,
        "wanted": wanted,
        "rest": wanted - done,
        "weeks": len(last),
        "a_week": last.mean(),
        "fastest_week": weekly[phase].max(),
    }
    if len(last) < LEAST_WEEKS:
        return row
    low, high = pace_interval(last)
    row |= {"a_week_low": low, "a_week_high": high}
    row["a_week_newest_half"] = last.tail(len(last) // 2).mean()
    if row["rest"] > 0:
        middle, early, late = weeks_until_done(row["rest"], last)
        row |= {
            "ends": end_after(middle),
            "ends_low": end_after(early),
            "ends_high": end_after(late),
        }
    return row


columns = [
    "phase", "done", "wanted", "rest", "weeks", "a_week", "a_week_low", "a_week_high",
    "a_week_newest_half", "fastest_week", "ends", "ends_low", "ends_high",
]  # fmt: skip
table = pd.DataFrame([described(phase) for phase in PHASES]).reindex(columns=columns)


# %% [markdown]
# ## In words


# %%
def in_english(day: str) -> str:
    """`Dec 25, 2026` for the table's `2026-12-25`."""
    return day if day == NEVER else f"{date.fromisoformat(day):%b %-d, %Y}"


def in_words(row: pd.Series) -> str:
    """The sentence of a phase."""
    if pd.isna(row.done):
        return f"{row.phase}: nothing has been published yet."
    if pd.isna(row.wanted):
        return f"{row.phase}: {row.done:,.0f} done; how many there are is not public."
    head = f"{row.phase}: {row.done:,.0f} of {row.wanted:,.0f} done"
    if row.rest <= 0:
        return f"{head}. It is complete."
    if pd.isna(row.a_week_low):
        return f"{head}. {row.weeks} whole weeks are too few for a pace."
    pace = (
        f"{head}; {row.a_week:,.0f} a week in the last {row.weeks} weeks"
        f" (95 % interval {row.a_week_low:,.0f} to {row.a_week_high:,.0f})"
    )
    if row.ends == NEVER:
        return f"{pace}. At this pace it would not end within ten years."
    middle, early, late = (in_english(row[name]) for name in ("ends", "ends_low", "ends_high"))
    text = f"{pace}. At this pace it would end on {middle} (95 % interval {early} to {late})."
    if row.a_week_newest_half < row.a_week_low:
        newer = f"{row.a_week_newest_half:,.0f} a week"
        text += f" The newer half of these weeks has {newer}: rather later."
    return text


sentences = [in_words(row) for _, row in table.iterrows()]

# %%
weeks = pd.concat(
    [
        pd.DataFrame({"phase": phase, "week": added.index, "added": added.to_numpy()}).assign(
            # A gap between the bars: they show six days of seven.
            begins=lambda rows: rows.week - timedelta(days=6)
        )
        for phase, added in weekly.items()
        if len(added)
    ]
    or [pd.DataFrame({"phase": [], "week": [], "added": []})]
)
if len(weeks):
    weeks["part"] = np.where(
        weeks.groupby("phase").cumcount(ascending=False) < LAST_WEEKS,
        f"last {LAST_WEEKS} weeks, which give the pace",
        "before",
    )
    drawing: alt.TopLevelMixin = (
        alt.Chart(weeks)
        .mark_bar()
        .encode(
            x=alt.X("begins:T", title="whole weeks, in California"),
            x2="week:T",
            y=alt.Y("added:Q", title="added in the week"),
            y2=alt.datum(0),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(
                    domain=[f"last {LAST_WEEKS} weeks, which give the pace", "before"],
                    range=[BLUE, GREY],
                ),
                legend=alt.Legend(orient="top", title=None),
            ),
            row=alt.Row("phase:N", title=None, header=alt.Header(labelOrient="top")),
        )
        .properties(width=640, height=150)
        .resolve_scale(y="independent")
    )
else:
    drawing = output.without_rows("No whole week has been published yet.")
chart = output.titled(
    drawing,
    "How fast did each phase go, and when would it end at this pace?",
    [*sentences, "No forecast: it takes the next weeks to be like the last ones."],
    is_made_up=bool(days.made_up.any()),
)
output.save("phase_pace", chart, table, sentences)
