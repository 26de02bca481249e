"""Whether a changed source is published: a person may ask for no publication."""

from types import SimpleNamespace
from typing import Any

import pytest

from include.pipeline.wait_for_sources import is_to_be_published

WANTED, NOT_WANTED, OLD = {"skip_publishing": False}, {"skip_publishing": True}, {"code": "x"}


def events(**by_asset: list[dict[str, Any]]) -> dict[str, list[Any]]:
    return {
        asset: [SimpleNamespace(extra=extra) for extra in extras]
        for asset, extras in by_asset.items()
    }


@pytest.mark.parametrize(
    ("triggered", "expected"),
    [
        (events(), True),  # a person started it
        (events(epa=[WANTED]), True),
        (events(epa=[OLD]), True),
        (events(epa=[NOT_WANTED]), False),
        (events(epa=[NOT_WANTED, WANTED]), True),
        (events(epa=[NOT_WANTED], usace=[WANTED]), True),
        (events(epa=[NOT_WANTED], usace=[NOT_WANTED]), False),
    ],
)
def test_it_is_published_unless_every_change_was_asked_not_to_be(
    triggered: dict[str, list[Any]], expected: bool
) -> None:
    assert is_to_be_published(triggered) is expected
