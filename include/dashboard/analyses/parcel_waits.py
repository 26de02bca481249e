# %% [markdown]
"""
# How long does a parcel wait from right of entry to sign-off?

Phase 2 of the cleanup. A wait begins when the owner's right of entry is accepted and ends when
the final sign-off is approved. The parcels are those that the public metrics count.

- A parcel that still waits is not left out: it counts as waiting up to the newest load
  (Kaplan-Meier; `survival.py` has the method and its source).
- A withdrawn right of entry ends the observation on that day, without a sign-off. The estimate
  takes for granted that such parcels would have waited as long as the others.
- A parcel without an accepted date, or whose sign-off is before it, is left out and counted.
"""

# %%
import altair as alt
import pandas as pd
import snowflake.connector

from include.dashboard.analyses import output, queries
from include.dashboard.analyses.output import BLUE, ORANGE
from include.dashboard.analyses.survival import quantile, waiting_curve

FIRES = ("Eaton", "Palisades")
DAY = pd.Timedelta(days=1)

with snowflake.connector.connect() as connection:
    parcels = queries.parcel_steps(connection)


# %% [markdown]
# ## The waits, in days


# %%
def waits_of(rows: pd.DataFrame) -> pd.DataFrame:
    """The waits of the parcels whose dates allow it: `days` and `has_ended`."""
    is_signed_off = rows.signed_off_at.notna()
    seen_last = rows[["withdrawn_at", "as_of"]].min(axis=1)
    ended_at = rows.signed_off_at.where(is_signed_off, seen_last)
    days = (ended_at - rows.accepted_at) / DAY
    return rows.assign(days=days, has_ended=is_signed_off)[days >= 0]


def described(fire: str, rows: pd.DataFrame) -> dict[str, object]:
    """A row of the table."""
    waits = waits_of(rows)
    curve = waiting_curve(waits.days, waits.has_ended)
    half, most = quantile(curve, 0.5), quantile(curve, 0.9)
    return {
        "fire": fire,
        "parcels": len(rows),
        "signed_off": int(waits.has_ended.sum()),
        "without_sign_off": int((~waits.has_ended).sum()),
        "left_out": len(rows) - len(waits),
        "median_days": half.days,
        "median_days_low": half.low,
        "median_days_high": half.high,
        "days_for_90_percent": most.days,
        "days_for_90_percent_low": most.low,
        "days_for_90_percent_high": most.high,
    }


by_fire = {
    fire: parcels[parcels.fire.str.lower() == fire.lower()].reset_index(drop=True) for fire in FIRES
}
table = pd.DataFrame([described(fire, rows) for fire, rows in by_fire.items()])

# %% [markdown]
# ## In words


# %%
def in_words(row: pd.Series) -> str:
    """The sentence of a fire."""
    head = (
        f"{row.fire}: {row.signed_off:,} signed off, {row.without_sign_off:,} without a sign-off"
        f" ({row.left_out:,} left out)"
    )
    if pd.isna(row.median_days):
        return f"{head}; half are not done yet."
    high = "" if pd.isna(row.median_days_high) else f" to {row.median_days_high:,.0f}"
    text = f"{head}; half are done after {row.median_days:,.0f} days"
    text += f" (95 % interval from {row.median_days_low:,.0f}{high})"
    if pd.isna(row.days_for_90_percent):
        return f"{text}; nine of ten are not done yet."
    return f"{text}, nine of ten after {row.days_for_90_percent:,.0f}."


sentences = [in_words(row) for _, row in table.iterrows() if row.parcels]


# %% [markdown]
# ## The share that still waits


# %%
def drawn_curve(fire: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The curve of a fire, to the longest wait."""
    waits = waits_of(rows)
    return waiting_curve(waits.days, waits.has_ended).assign(fire=fire)


if sentences:
    curves = pd.concat([drawn_curve(fire, rows) for fire, rows in by_fire.items() if len(rows)])
    base = alt.Chart(curves).encode(
        x=alt.X("day:Q", title="days since the right of entry was accepted"),
        color=alt.Color(
            "fire:N",
            scale=alt.Scale(domain=list(FIRES), range=[BLUE, ORANGE]),
            legend=alt.Legend(orient="top", title=None, symbolOpacity=1),
        ),
    )
    band = base.mark_area(interpolate="step-after", opacity=0.2).encode(
        y=alt.Y("low:Q", title=None), y2="high:Q"
    )
    line = base.mark_line(interpolate="step-after").encode(
        y=alt.Y(
            "waiting:Q",
            title="share of parcels that still wait",
            axis=alt.Axis(format="%"),
            scale=alt.Scale(domain=[0, 1]),
        ),
        strokeDash=alt.StrokeDash("fire:N", scale=alt.Scale(domain=list(FIRES)), legend=None),
    )
    drawing: alt.TopLevelMixin = (band + line).properties(width=640, height=320)
else:
    sentences = ["No parcel of the two fires is in the newest load."]
    drawing = output.without_rows(sentences[0])

chart = output.titled(
    drawing,
    "How long does a parcel wait from right of entry to sign-off?",
    [*sentences, "Band: 95 % interval. A parcel that still waits counts up to the newest load."],
)
output.save("parcel_waits", chart, table, sentences)
