# %% [markdown]
"""
# How long does a rebuild permit take, from application to issue?

Two answers, as the sources allow.

1. **By counts, for all four.** On the day on which the public count of permits reaches a number,
   when had that of applications reached it? The days between are the wait, if permits are issued
   in the order of the applications. A withdrawn application never becomes a permit, so the wait
   is rather too long. If the public history begins later, only "at least" is known. Such charts
   of two sums are called cumulative flow diagrams.
2. **By permit, for Pasadena and Malibu**, from the daily snapshots. An application that was there
   in the first one is left out and counted: nobody knows how long it had waited. One without a
   permit counts as waiting up to the newest load, or up to the day on which it was withdrawn or
   left the list (Kaplan-Meier; `survival.py`). In Malibu a project may file several applications:
   its first permit ends its wait.
"""

# %%
from datetime import date

import altair as alt
import pandas as pd
import snowflake.connector

from include.dashboard import queries as shared
from include.dashboard.analyses import output, queries
from include.dashboard.analyses.output import BLUE, GREEN, GREY
from include.dashboard.analyses.survival import quantile, waiting_curve
from include.times import CALIFORNIA, utc_now

BEGAN = date(2025, 1, 7)
DAY = pd.Timedelta(days=1)
# The public counts of applications and of permits.
COUNTS = {
    "Pasadena": ("pasadena_rebuild_applications_received", "pasadena_building_permits_issued"),
    "Malibu": ("malibu_rebuild_applications_received", "malibu_building_permits_issued"),
    "LA city": ("la_city_applications_received", "la_city_permits_issued"),
    "LA County": ("county_rebuild_applications_received", "county_building_permits_issued"),
}
# The cities' words, in lower case: of a permit that was issued, and of an application that ended.
ISSUED = {"pasadena": {"issued", "finaled"}, "malibu": {"permitissued"}}
ENDED = {"pasadena": {"withdrawn", "expired"}, "malibu": set[str]()}

with snowflake.connector.connect() as connection:
    days = shared.published_by_day(connection, since=BEGAN)
    states = {city: queries.permit_states(connection, city) for city in ISSUED}
    loads = queries.last_loads(connection)
today = pd.Timestamp(utc_now().astimezone(CALIFORNIA).date())


# %% [markdown]
# ## By counts


# %%
def highest_by_day(metric: str) -> pd.Series:
    """The highest public value up to each day: a sum that a correction does not lower."""
    values = days[days.metric_name == metric].set_index("day").metric_value
    if values.empty:
        return values
    every = pd.date_range(values.index.min(), max(today, values.index.max()))
    return values.reindex(every).ffill().cummax()


def wait_by_counts(city: str) -> dict[str, object]:
    """How long ago the applications had the number that the permits have now."""
    received, issued = (highest_by_day(metric) for metric in COUNTS[city])
    if received.empty or issued.empty:
        return {}
    permits = issued.iloc[-1]
    if permits == 0:
        return {"received": received.iloc[-1], "issued": permits}
    day = (received >= permits).idxmax()
    return {
        "received": received.iloc[-1],
        "issued": permits,
        "days_by_counts": (issued.index[-1] - day).days,
        # The number was there on the first day already.
        "is_at_least": bool(day == received.index[0]),
    }


# %% [markdown]
# ## By permit


# %%
def newest_load(city: str, seen: pd.DataFrame) -> pd.Timestamp:
    """The time up to which a city's list is known."""
    return max(loads.get(city, seen.began_at.max()), seen.began_at.max())


def waits_of(city: str) -> pd.DataFrame:
    """The waits of the permits that came after the first snapshot: `days`, `has_ended`."""
    seen = states[city]
    if seen.empty:
        return pd.DataFrame({"days": pd.Series(dtype="float64"), "has_ended": []})
    word = seen.status.fillna("").str.lower()
    by_permit = seen.groupby("permit")
    waits = pd.DataFrame(
        {
            "applied_at": by_permit.began_at.min(),
            "issued_at": seen[word.isin(ISSUED[city])].groupby("permit").began_at.min(),
            "withdrawn_at": seen[word.isin(ENDED[city])].groupby("permit").began_at.min(),
            # Missing while the list still shows the permit.
            "left_at": by_permit.ended_at.agg(lambda ends: ends.max(skipna=False)),
        }
    )
    waits = waits[waits.applied_at > seen.began_at.min()]
    has_ended = waits.issued_at.notna()
    last = waits[["withdrawn_at", "left_at"]].min(axis=1).fillna(newest_load(city, seen))
    days = (waits.issued_at.where(has_ended, last) - waits.applied_at) / DAY
    return waits.assign(days=days.clip(lower=0), has_ended=has_ended)


def wait_by_permit(city: str) -> dict[str, object]:
    """The estimate from single permits, for a city with snapshots."""
    if city not in states:
        return {}
    waits = waits_of(city)
    row: dict[str, object] = {
        "permits_seen": states[city].permit.nunique(),
        "permits_left_out": states[city].permit.nunique() - len(waits),
        "permits_issued": int(waits.has_ended.sum()),
    }
    if waits.empty:
        return row
    half = quantile(waiting_curve(waits.days, waits.has_ended), 0.5)
    return row | {
        "median_days": half.days,
        "median_days_low": half.low,
        "median_days_high": half.high,
    }


columns = [
    "jurisdiction", "received", "issued", "days_by_counts", "is_at_least", "permits_seen",
    "permits_left_out", "permits_issued", "median_days", "median_days_low", "median_days_high",
]  # fmt: skip
table = pd.DataFrame(
    [
        {"jurisdiction": city, **wait_by_counts(city), **wait_by_permit(city.lower())}
        for city in COUNTS
    ]
).reindex(columns=columns)


# %% [markdown]
# ## In words


# %%
def by_counts_in_words(row: pd.Series) -> str:
    """The sentence on the counts."""
    if pd.isna(row.issued):
        return f"{row.jurisdiction}: its counts have not been published yet."
    head = f"{row.jurisdiction}: {row.issued:,.0f} permits of {row.received:,.0f} applications"
    if pd.isna(row.days_by_counts):
        return f"{head}."
    at_least = "at least " if row.is_at_least else ""
    return f"{head}; as many applications had come in {at_least}{row.days_by_counts:,.0f} days ago."


def by_permit_in_words(row: pd.Series) -> str:
    """The sentence on single permits."""
    known = row.permits_seen - row.permits_left_out
    head = f"{row.jurisdiction}, by permit: {row.permits_issued:,.0f} of {known:,.0f} issued"
    left_out = f"{row.permits_left_out:,.0f} older than the snapshots left out"
    if pd.isna(row.median_days):
        half = "half are not issued yet" if known else "none can be followed yet"
        return f"{head} ({left_out}); {half}."
    high = "" if pd.isna(row.median_days_high) else f" to {row.median_days_high:,.0f}"
    return (
        f"{head} ({left_out}); half within {row.median_days:,.0f} days"
        f" (95 % interval from {row.median_days_low:,.0f}{high})."
    )


sentences = [by_counts_in_words(row) for _, row in table.iterrows()]
sentences += [by_permit_in_words(row) for _, row in table.iterrows() if pd.notna(row.permits_seen)]

# %% [markdown]
# ## The two counts, and the days between them


# %%
def drawn(city: str) -> alt.LayerChart | alt.FacetChart | None:
    """A city's two sums and the days between them; nothing before it has a public count."""
    parts = [
        pd.DataFrame({"series": name, "day": values.index, "value": values.to_numpy()})
        for name, metric in zip(("applications", "permits"), COUNTS[city], strict=True)
        if len(values := highest_by_day(metric))
    ]
    if not parts:
        return None
    lines = (
        alt.Chart(pd.concat(parts))
        .mark_line(interpolate="step-after")
        .encode(
            x=alt.X("day:T", title=None, axis=alt.Axis(tickCount=5)),
            y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=True)),
            color=alt.Color(
                "series:N",
                scale=alt.Scale(domain=["applications", "permits"], range=[BLUE, GREEN]),
                legend=alt.Legend(orient="top", title=None),
            ),
        )
    )
    [row] = table[table.jurisdiction == city].itertuples()
    if pd.isna(row.days_by_counts):
        return alt.layer(lines).properties(width=300, height=150, title=city)
    at_least = "at least " if row.is_at_least else ""
    wait = pd.DataFrame(
        {
            "day": [today - row.days_by_counts * DAY],
            "now": [today],
            "value": [row.issued],
            "text": [f"{at_least}{row.days_by_counts:,.0f} days"],
        }
    )
    gap = alt.Chart(wait).encode(x="day:T", y="value:Q")
    rule = gap.mark_rule(strokeDash=[4, 3], color=GREY, strokeWidth=2).encode(x2="now:T")
    text = gap.mark_text(align="left", dx=6, dy=-9, fontSize=12, color="#333333").encode(
        text="text:N"
    )
    return alt.layer(lines, rule, text).properties(width=300, height=150, title=city)


charts = [one for city in COUNTS if (one := drawn(city)) is not None]
drawing: alt.TopLevelMixin = (
    alt.concat(*charts, columns=2)
    if charts
    else output.without_rows("No count of permits has been published yet.")
)
chart = output.titled(
    drawing,
    "How long does a rebuild permit take, from application to issue?",
    [*sentences, "Dashed: the days since as many applications had come in as there are permits."],
    is_made_up=bool(days.made_up.any()),
)
output.save("permit_waits", chart, table, sentences)
