"""A changed source is published, unless every run that changed it skips publishing."""

from types import SimpleNamespace
from typing import Any

import pytest

from include.pipeline.wait_for_sources import publication_is_wanted

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
def test_a_change_is_published_unless_no_run_wants_it(
    triggered: dict[str, list[Any]], expected: bool
) -> None:
    assert publication_is_wanted(triggered) is expected
