"""Throws of the dice: a chance, a value that may be missing, a weighted choice."""

import random
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")


def chance(rng: random.Random, share: float) -> bool:
    """True for that share of throws, from 0 to 1."""
    return rng.random() < share


def maybe(rng: random.Random, value: T, missing: float) -> T | None:
    """The value, and for that share of throws None."""
    return None if chance(rng, missing) else value


def pick(rng: random.Random, weights: Mapping[T, int]) -> T:
    """One of the keys, as often as its weight says."""
    return rng.choices([*weights], [*weights.values()])[0]
