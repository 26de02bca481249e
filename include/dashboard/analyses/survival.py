"""Waiting times of which some have not ended: the Kaplan-Meier estimate.

A wait that has not ended is not left out, which would make waits look short, and does not count as
ended: it belongs to those at risk until the last day on which it was seen (right censoring).

The estimate, Greenwood's variance and the log-log interval are those of scikit-survival's
`kaplan_meier_estimator` and R's `survfit(conf.type = "log-log")`, by which the tests were checked:
https://scikit-survival.readthedocs.io/en/latest/api/generated/sksurv.nonparametric.kaplan_meier_estimator.html
The interval of a quantile is where the interval of the curve crosses it (Brookmeyer and Crowley,
Biometrics 38, 1982).
"""

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

# The normal distribution's quantile of an interval of 95 %.
Z: Final = 1.959964


class Quantile(NamedTuple):
    """The days after which a share of the waits has ended; missing if that is not reached yet.

    Attributes:
        days: The estimate.
        low: The lower end of its 95 % interval.
        high: The upper end.
    """

    days: float
    low: float
    high: float


def waiting_curve(days: pd.Series, has_ended: pd.Series) -> pd.DataFrame:
    """The share of waits that last longer than each number of days.

    Args:
        days: The length of each wait so far, 0 or more.
        has_ended: Whether the wait has ended, and not just been seen last.

    Returns:
        A row for day 0 and for each length: `day`, `at_risk` and `ended` (counts), `waiting` (the
        share), `low` and `high` (its 95 % interval; missing once nobody waits).

    Raises:
        ValueError: A wait is negative or missing.
    """
    if days.isna().any() or (days < 0).any():
        raise ValueError("A wait is missing or ends before it begins: leave it out and count it.")
    by_day = pd.DataFrame({"day": days.astype("float64"), "ended": has_ended.astype("int64")})
    counted = by_day.groupby("day").ended.agg(["sum", "size"]).sort_index()
    ended, seen = counted["sum"].to_numpy(), counted["size"].to_numpy()
    # Those that were seen last on a day are at risk on it.
    at_risk = seen[::-1].cumsum()[::-1]
    waiting = np.cumprod(1 - ended / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(ended / (at_risk * (at_risk - ended)))
        reach = Z * np.sqrt(greenwood) / np.log(waiting)
        low, high = waiting ** np.exp(-reach), waiting ** np.exp(reach)
    is_whole = waiting == 1
    low, high = np.where(is_whole, 1.0, low), np.where(is_whole, 1.0, high)
    curve = pd.DataFrame(
        {
            "day": counted.index.to_numpy(),
            "at_risk": at_risk,
            "ended": ended,
            "waiting": waiting,
            "low": low,
            "high": high,
        }
    )
    start = pd.DataFrame(
        {
            "day": [0.0],
            "at_risk": [len(days)],
            "ended": [0],
            "waiting": 1.0,
            "low": 1.0,
            "high": 1.0,
        }
    )
    if curve.empty:
        return start
    return pd.concat([start, curve], ignore_index=True) if curve.day[0] > 0 else curve


def quantile(curve: pd.DataFrame, share: float) -> Quantile:
    """The days after which a share of the waits has ended.

    Args:
        curve: The result of `waiting_curve`.
        share: For example 0.5 for the median.
    """
    return Quantile(*(_first_day(curve, name, 1 - share) for name in ("waiting", "low", "high")))


def _first_day(curve: pd.DataFrame, column: str, share: float) -> float:
    # A tenth of a percent of tolerance would move a day; rounding errors are far smaller.
    reached = curve.day[curve[column] <= share + 1e-12]
    return float(reached.iloc[0]) if len(reached) else float("nan")
