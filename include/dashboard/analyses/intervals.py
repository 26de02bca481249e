"""Intervals of shares, and of a pace that goes on: how sure a number is.

Shares: Wilson's score interval, and Newcombe's of a difference. They hold with few answers, and
stay between 0 and 1, where the usual formula does not. statsmodels has both, and the tests its
numbers:
https://www.statsmodels.org/stable/generated/statsmodels.stats.proportion.confint_proportions_2indep.html

A pace: a bootstrap over weeks. Each draw takes as many of the last weeks at random, with
repetition, and then goes on with weeks of that draw until the rest is done. So the interval holds
both the uncertainty of the pace and the accident of single weeks. It does not hold that the future
may differ from the last weeks.
"""

from math import sqrt
from typing import Final

import numpy as np
import pandas as pd

from include.dashboard.analyses.survival import Z

DRAWS: Final = 2000
# No answer after this: ten years.
MOST_WEEKS: Final = 520
# The same draws each time, so that a number changes only with the data.
SEED: Final = 20250107
_ENDS: Final = (2.5, 97.5)


def share_interval(helpful: float, answers: float) -> tuple[float, float]:
    """The 95 % interval of a share; from 0 to 1 without answers.

    Args:
        helpful: The number of those that count.
        answers: The number of all.
    """
    if answers == 0:
        return 0.0, 1.0
    share, square = helpful / answers, Z * Z
    middle = (share + square / (2 * answers)) / (1 + square / answers)
    reach = (
        Z
        * sqrt(share * (1 - share) / answers + square / (4 * answers * answers))
        / (1 + square / answers)
    )
    return max(0.0, middle - reach), min(1.0, middle + reach)


def difference_interval(
    now: tuple[float, float], before: tuple[float, float]
) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares, now less before.

    Args:
        now: The number of those that count, and of all.
        before: The same, before.
    """
    if now[1] == 0 or before[1] == 0:
        return -1.0, 1.0
    one, two = now[0] / now[1], before[0] / before[1]
    (low, high), (low_before, high_before) = share_interval(*now), share_interval(*before)
    return (
        one - two - sqrt((one - low) ** 2 + (high_before - two) ** 2),
        one - two + sqrt((high - one) ** 2 + (two - low_before) ** 2),
    )


def pace_interval(weekly: pd.Series) -> tuple[float, float]:
    """The 95 % interval of the mean week."""
    means = _drawn_weeks(weekly).mean(axis=1)
    low, high = np.percentile(means, _ENDS)
    return float(low), float(high)


def weeks_until_done(rest: float, weekly: pd.Series) -> tuple[float, float, float]:
    """The weeks until the rest is done, if weeks like these follow.

    Args:
        rest: What is left to do, more than 0.
        weekly: What was done in each of the last weeks.

    Returns:
        The median and the ends of the 95 % interval; infinite if it takes more than ten years.
    """
    random = np.random.default_rng(SEED + 1)
    drawn = _drawn_weeks(weekly)
    places = random.integers(drawn.shape[1], size=(DRAWS, MOST_WEEKS))
    done = np.take_along_axis(drawn, places, axis=1).cumsum(axis=1) >= rest
    weeks = np.where(done.any(axis=1), done.argmax(axis=1) + 1.0, np.inf)
    # Of sorted weeks, so that no mean is taken with an infinite one.
    ends = np.percentile(weeks, [50, *_ENDS], method="nearest")
    return float(ends[0]), float(ends[1]), float(ends[2])


def _drawn_weeks(weekly: pd.Series) -> np.ndarray:
    """For each draw as many weeks as there are, at random, with repetition."""
    weeks = weekly.to_numpy(dtype="float64")
    random = np.random.default_rng(SEED)
    drawn: np.ndarray = weeks[random.integers(len(weeks), size=(DRAWS, len(weeks)))]
    return drawn
