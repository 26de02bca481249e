"""A JSON list with one odd value in it: a typed error, or every row as it is."""

from typing import Any

import pytest

from include.loaders import LoadError
from include.loaders.json_lists import read_json_list
from include.loaders.report import Notes
from include.sources import FieldType, JsonField
from tests.loaders.mutations import DELETED, VALUES, Path, paths, replaced
from tests.loaders.no_server import Client

URL = "https://x/list"
VALUE: dict[FieldType, Any] = {
    "text": "a",
    "integer": 5,
    "number": 1.25,
    "timestamp": 1_738_368_000_000,
    "date": "2025-01-07",
    "boolean": True,
}
FIELDS = [JsonField(f"{kind}_field", kind, required=kind != "text") for kind in VALUE]
ROWS: list[dict[str, Any]] = [
    {field.name: VALUE[field.type] for field in FIELDS} | {"more": str(number)}
    for number in range(3)
]
# The row whose values are replaced.
TARGET = 1


def read(answer: Any) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """The rows of a list, and the notes."""
    client: Any = Client(lambda _url, _query: answer)
    notes = Notes()
    return read_json_list(client, URL, FIELDS, notes).to_pylist(), notes.sentences()


def problem(path: Path, other: Any) -> str | None:
    """What is wrong with a read of the list in which one value is another one."""
    try:
        found, _ = read(replaced(ROWS, path, other))
    except LoadError as error:
        return None if len(str(error)) < 500 else f"a message of {len(str(error)):,} characters"
    except Exception as error:  # Any other error is what is looked for.
        return f"{type(error).__name__}: {str(error)[:100]}"
    wanted, _ = read(ROWS)
    if path == () and other == []:
        wanted = []
    if path == (TARGET,) and other is DELETED:
        del wanted[TARGET]
    if len(found) != len(wanted):
        return f"{len(wanted)} rows became {len(found)}"
    changed: set[Path] = {
        (number, name)
        for number, row in enumerate(wanted)
        for name in row
        if name not in found[number] or found[number][name] != row[name]
    }
    return f"changed: {sorted(changed)}" if changed - {path} else None


def nodes() -> list[Path]:
    """The way to the list, to one of its rows and to each of the row's values."""
    return [path for path in paths(ROWS) if path[:1] in ((), (TARGET,))]


@pytest.mark.parametrize("path", nodes(), ids=lambda path: ".".join(map(str, path)) or "the list")
def test_one_odd_value_alters_no_other(path: Path) -> None:
    problems = {
        f"{path} = {word}": found
        for word, other in VALUES.items()
        if (found := problem(path, other))
    }

    assert problems == {}


ERROR = {"error": {"code": 500, "message": "busy", "details": ["later"]}}
STATUS = {"status": "error", "code": 500, "messages": ["busy"]}


@pytest.mark.parametrize("body", [ERROR, STATUS], ids=["error", "status"])
def test_an_error_with_an_odd_value_is_an_error(body: dict[str, Any]) -> None:
    for path in paths(body):
        for word, other in VALUES.items():
            if (path, other) == ((), []):
                continue  # It is a list without rows.
            with pytest.raises(LoadError) as failure:
                read(replaced(body, path, other))
            assert len(str(failure.value)) < 500, f"{path} = {word}"
