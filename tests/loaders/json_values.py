"""JSON values that no well-behaved service sends."""

from typing import Any


def nested(depth: int) -> Any:
    """A list in a list in a list."""
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value
