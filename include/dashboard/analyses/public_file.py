# %% [markdown]
"""
# How often, and for how long, was the public file wrong, late or held?

From the incident log, by what the public saw, in the last state of each incident:

- **wrong**: wrong numbers, or none
- **late**: a value that is older than its frequency allows
- **behind**: something was released and not public for more than an hour
- **held**: a person held publishing for more than a day. The log has no shorter hold, and counts
  a longer one from the report, a day after it began.

In all other incidents the public saw the last good values. An open incident counts up to now.
Hours in which two of a kind were open count once. What the watch did not see is not in the log.
"""

# %%
from datetime import date

import altair as alt
import pandas as pd
import snowflake.connector

from include.dashboard import queries as shared
from include.dashboard.analyses import output, queries
from include.dashboard.analyses.output import BLUE, GREY, ORANGE, PURPLE, VERMILLION
from include.times import CALIFORNIA, utc_now

BEGAN = date(2025, 1, 7)
HOUR = pd.Timedelta(hours=1)
LAST_GOOD = "public saw the last good values"
KINDS = ("wrong", "late", "behind", "held", LAST_GOOD)
COLOURS = (VERMILLION, ORANGE, BLUE, PURPLE, GREY)
# The beginnings of what the log says, in `public_sees` and in `error`. A test compares them with
# the sentences that the watch writes.
SEES = {
    "wrong": ("Nothing: the page", "Numbers that this pipeline", "Wrong ", "An older version"),
    "late": ("A value that is out of date", "Values that are out of date"),
}
ERRORS = {"behind": ("Released metrics are not public",), "held": ("Nothing new is public",)}

with snowflake.connector.connect() as connection:
    incidents = shared.incidents(connection, since=BEGAN)
    publications = queries.publications(connection, since=BEGAN)
now = pd.Timestamp(utc_now())


# %% [markdown]
# ## What the public saw


# %%
def kind_of(public_sees: str | None, error: str | None) -> str:
    """What the public saw of an incident, one of `KINDS`."""
    for texts, text in ((SEES, public_sees), (ERRORS, error)):
        for kind, starts in texts.items():
            if (text or "").startswith(starts):
                return kind
    return LAST_GOOD


def hours_at_all(rows: pd.DataFrame) -> float:
    """The hours in which at least one of the incidents was open."""
    total, last = pd.Timedelta(0), pd.Timestamp.min.tz_localize("UTC")
    for row in rows.sort_values("opened_at").itertuples():
        total += max(row.ended_at - max(row.opened_at, last), pd.Timedelta(0))
        last = max(last, row.ended_at)
    return float(total / HOUR)


incidents = incidents.assign(
    seen=[kind_of(row.public_sees, row.error) for row in incidents.itertuples()],
    ended_at=incidents.closed_at.fillna(now),
)
# The record begins with the first publication, or with an earlier incident.
published = publications.published_at
beginnings = [moment for moment in (published.min(), incidents.opened_at.min()) if pd.notna(moment)]
began = min(beginnings, default=now)
hours = (now - began) / HOUR


def described(kind: str) -> dict[str, object]:
    """A row of the table."""
    rows = incidents[incidents.seen == kind]
    lengths = (rows.ended_at - rows.opened_at) / HOUR
    open_hours = hours_at_all(rows)
    return {
        "public_saw": kind,
        "incidents": len(rows),
        "still_open": int(rows.closed_at.isna().sum()),
        "hours": open_hours,
        "share_of_time": open_hours / hours if hours else float("nan"),
        "median_hours": lengths.median(),
        "longest_hours": lengths.max(),
    }


table = pd.DataFrame([described(kind) for kind in KINDS])


# %% [markdown]
# ## In words


# %%
def in_words(row: pd.Series) -> str:
    """The sentence of a kind."""
    if not row.incidents:
        return (
            "No incident in which the public saw the last good values."
            if row.public_saw == LAST_GOOD
            else f"{row.public_saw}: never."
        )
    times = "once" if row.incidents == 1 else f"{row.incidents} times"
    still = f", {row.still_open} still open" if row.still_open else ""
    return (
        f"{row.public_saw}: {times}{still}, {row.hours:,.1f} hours"
        f" ({row.share_of_time:.1%} of the time); the longest {row.longest_hours:,.1f} hours."
    )


def counted(number: int, name: str) -> str:
    """A number with its name, in the plural if it has to be."""
    return f"{number:,} {name}{'' if number == 1 else 's'}"


since = f"{began.tz_convert(CALIFORNIA):%b %-d, %Y}"
sentences = [
    f"Since {since}: {counted(len(published), 'publication')},"
    f" {counted(len(incidents), 'incident')}.",
    *(in_words(row) for _, row in table.iterrows()),
]

# %%
if len(incidents):
    drawn = pd.DataFrame(
        {
            "seen": incidents.seen,
            "from": incidents.opened_at.dt.tz_convert(CALIFORNIA).dt.tz_localize(None),
            "to": incidents.ended_at.dt.tz_convert(CALIFORNIA).dt.tz_localize(None),
        }
    )
    base = alt.Chart(drawn).encode(
        x=alt.X("from:T", title="California time"),
        y=alt.Y("seen:N", sort=list(KINDS), scale=alt.Scale(domain=list(KINDS)), title=None,
                axis=alt.Axis(labelLimit=260)),
        color=alt.Color(
            "seen:N", scale=alt.Scale(domain=list(KINDS), range=list(COLOURS)), legend=None
        ),
    )  # fmt: skip
    # A short incident is no wider than its line: the tick marks where it began.
    drawing: alt.TopLevelMixin = alt.layer(
        base.mark_bar(height=14).encode(x2="to:T"), base.mark_tick(thickness=3, size=20)
    ).properties(width=520, height=180)
else:
    drawing = output.without_rows(f"No incident since {since}.")
chart = output.titled(
    drawing, "How often, and for how long, was the public file wrong, late or held?", sentences
)
output.save("public_file", chart, table, sentences)
