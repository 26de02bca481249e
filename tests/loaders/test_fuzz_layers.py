"""A layer with one odd value in its answers: a typed error, or every row as it is."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from include.loaders import LoadError
from include.loaders.arcgis.features import GEOMETRY
from tests.loaders.fuzzed_layer import IN_ONE_ANSWER, LAYERS, PAGED, Change, Rows, read
from tests.loaders.layer import FIELDS
from tests.loaders.mutations import DELETED, VALUES, Path, paths, replaced

# The row whose values are replaced: it is on a page that is neither the first nor the last one.
TARGET = 3
LONGEST_MESSAGE = 1000


def one_value(kind: str, when: str, path: Path, other: Any) -> Change:
    """Replace a value in all answers of a kind, in the first one, or in all later ones."""

    def change(answered: str, number: int, answer: Any) -> Any:
        if when in ("first", "later") and (when == "first") != (number == 0):
            return answer
        if answered == kind:
            return replaced(answer, path, other)
        if (answered, kind) == ("page", "feature"):
            for position, feature in enumerate(answer["features"]):
                if feature["attributes"]["OBJECTID"] == TARGET:
                    return replaced(answer, ("features", position, *path), other)
        return answer

    return change


def nodes(name: str, kind: str, when: str) -> Iterator[Path]:
    """The way to each value in an answer of a kind, without those that are like others."""
    layer = LAYERS[name]
    if kind == "count":
        yield from paths({"count": 6})
    elif kind == "ids":
        yield from [(), ("objectIds",), ("objectIds", 0), ("objectIds", TARGET)]
    elif kind == "page":
        yield from [*paths(json.loads(layer.page([]).body)), ("features", 0)]
    elif kind == "metadata" and name in IN_ONE_ANSWER:
        yield from paths(layer.describe())
    elif kind == "metadata" and when == "always":
        # The fields are the same for every way to read the rows.
        yield from (path for path in paths(layer.describe()) if path[:1] != ("fields",))
    elif kind == "metadata":
        # Afterwards only the edit date is read.
        yield from [(), ("editingInfo",), ("editingInfo", "lastEditDate"), ("fields",)]
    elif name in IN_ONE_ANSWER:
        # The first vertex is like all.
        yield from (
            path for path in paths(layer.rows[TARGET - 1]) if len(path) <= 3 or path[3] == 0
        )
    else:
        yield from [(), ("attributes",), ("attributes", "OBJECTID"), ("geometry",)]


@cache
def expected(name: str) -> Rows:
    return read(name)[0]


def problem(name: str, kind: str, when: str, path: Path, other: Any) -> str | None:
    """What is wrong with a read of a layer in whose answers one value is another one."""
    try:
        found, notes = read(name, one_value(kind, when, path, other))
    except LoadError as error:
        length = len(str(error))
        return None if length < LONGEST_MESSAGE else f"a message of {length:,} characters"
    except Exception as error:  # Any other error is what is looked for.
        return f"{type(error).__name__}: {str(error)[:100]}"
    wanted = dict(expected(name))
    if path == ("attributes", "OBJECTID") and name in IN_ONE_ANSWER:
        # One answer is believed: the row has the id that it says.
        found[TARGET] = found.pop(next(iter(found.keys() - wanted.keys()), TARGET))
    if found.keys() != wanted.keys():
        return f"rows {sorted(wanted)} became {sorted(found)}"
    changed = {
        (number, column)
        for number, values in wanted.items()
        for column, value in values.items()
        if found[number].get(column, DELETED) != value
    }
    needs_note = kind == "metadata"
    if kind == "feature" and changed == {(TARGET, GEOMETRY)}:
        needs_note = not may_become(found[TARGET][GEOMETRY], path, other)
    elif not changed <= may_change(kind, path):
        return f"changed: {sorted(changed)}"
    return (
        f"changed without a note: {sorted(changed)}"
        if changed and needs_note and not notes
        else None
    )


def may_change(kind: str, path: Path) -> set[tuple[int, str]]:
    """The cells that a value is about: one cell, or the column of a field."""
    if kind == "feature" and len(path) == 2 and path[0] == "attributes":
        return {(TARGET, str(path[1]))}
    if kind == "metadata" and len(path) > 1 and path[0] == "fields":
        return {(number, list(FIELDS)[int(path[1])]) for number in range(1, 7)}
    return set()


def may_become(shape: bytes | None, path: Path, other: Any) -> bool:
    """True if it needs no note that a value of a shape makes it null or another one."""
    if shape is None:
        return other is DELETED or other in (None, "", [], {})
    is_ordinate = len(path) == 5 or path[-1] in ("x", "y")
    return other is DELETED or (is_ordinate and (type(other) in (int, float) or other == "12"))


FOUR = (*PAGED, "in one answer")
LISTED = ("by offset", "by ids")
CASES = [
    *(("by offset", "metadata", when) for when in ("always", "first", "later")),
    ("in one answer", "metadata", "always"),
    *((name, "count", when) for name in FOUR for when in ("always", "first", "later")),
    *((name, "ids", when) for name in LISTED for when in ("always", "first", "later")),
    *((name, "page", "always") for name in FOUR),
    *(("by offset", "page", when) for when in ("first", "later")),
    *((name, "feature", "always") for name in LAYERS),
]


@pytest.mark.parametrize("case", CASES, ids=" ".join)
def test_one_odd_value_alters_no_other(case: tuple[str, str, str]) -> None:
    problems = {
        f"{path} = {word}": found
        for path in nodes(*case)
        for word, other in VALUES.items()
        if (found := problem(*case, path, other))
    }

    assert problems == {}
