"""The catalogue of statements: `catalogue.yaml`, and what in a statement it does not have."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from fakesnow.dialect import parse_one

from include.sources import SOURCES
from tests.statements.privileges import privileges_of
from tests.statements.shapes import shape_of, without_dbts_comment
from tests.statements.words import Words, words_of

FILE = Path(__file__).with_name("catalogue.yaml")
PAGES = "https://docs.snowflake.com/en/"
TODO = "TODO"
# What sends statements: the words of `sent_by`.
SENDERS = (
    "load", "change check", "dbt", "warnings", "snapshots", "freshness", "unload", "history",
    "watch", "dashboard",
)  # fmt: skip
NO_WAREHOUSE = "none"

# The role, and the shape.
Key = tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """A shape that the product sends, as one role.

    Attributes:
        shape: The shape.
        role: The role, without project and environment: `LOADER`.
        sent_by: What sends it, of `SENDERS`.
        warehouse: The kind of warehouse that it runs on, or `none`.
        privileges: All that statements of this shape need.
        page: The address of its documentation, below `PAGES`.
        check: The acceptance check that proves it on an account.
        examples: Statements of this shape that together need all of the privileges.
    """

    shape: str
    role: str
    sent_by: tuple[str, ...]
    warehouse: str
    privileges: tuple[str, ...]
    page: str
    check: str
    examples: tuple[str, ...]

    @property
    def key(self) -> Key:
        return self.role, self.shape


@dataclass(frozen=True)
class Catalogue:
    """Every statement that the product sends, and every word that they use, with its page."""

    statements: dict[Key, Entry] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    clauses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Described:
    """A statement: its shape, its words and the privileges that it needs."""

    shape: str
    words: Words
    privileges: frozenset[str]


@dataclass(frozen=True)
class Sent:
    """A statement that the emulated warehouse has received.

    Attributes:
        sql: The statement, without dbt's comment.
        role: The role, without project and environment.
        sender: What sent it, of `SENDERS`.
        task: The DAG and the task, as its query tag names them.
        warehouse: The kind of warehouse that it ran on, or `none`.
    """

    sql: str
    role: str
    sender: str
    task: str
    warehouse: str


def read_catalogue(file: Path = FILE) -> Catalogue:
    """The catalogue of a file."""
    content = yaml.load(file.read_text(), yaml.CSafeLoader) or {}
    entries = [_entry(one) for one in content.get("statements") or []]
    return Catalogue(
        {entry.key: entry for entry in entries},
        *(content.get(name) or {} for name in ("functions", "types", "clauses")),
    )


def _entry(written: Mapping[str, Any]) -> Entry:
    lists = ("sent_by", "privileges", "examples")
    return Entry(**{**written, **{name: tuple(written[name] or ()) for name in lists}})


@lru_cache(maxsize=2000)
def describe(sql: str) -> Described:
    """Describe a statement.

    Raises:
        ProgrammingError: It is not SQL.
    """
    tree = parse_one(sql)
    return Described(shape_of(sql, tree), words_of(sql, tree), privileges_of(sql, tree))


def sent(record: Mapping[str, Any]) -> Sent:
    """A statement of the emulator's history: `GET /emulator/statements`."""
    tag = _tag(str(record["query_tag"]))
    role = str(record["role"]).partition("_DDRC_")[0]
    task = " ".join(str(tag[name]) for name in ("dag", "task") if name in tag)
    warehouse = str(record["used_warehouse"]).partition("_")[0] or NO_WAREHOUSE
    return Sent(without_dbts_comment(str(record["sql"])), role, _sender(role, tag), task, warehouse)


def _tag(text: str) -> dict[str, Any]:
    try:
        tag = json.loads(text)
    except ValueError:
        return {}
    return tag if isinstance(tag, dict) else {}


def _sender(role: str, tag: Mapping[str, Any]) -> str:
    by_role = {"LOADER": "load", "REPORTER": "unload", "DASHBOARD": "dashboard"}
    if role in by_role:
        return by_role[role]
    dag, task = str(tag.get("dag", "")), str(tag.get("task", ""))
    if not task:
        # dbt parses its project again for another tag, so its tag has no task.
        return {"keep_history": "snapshots", "check_freshness": "freshness"}.get(dag, "dbt")
    if task.startswith("transform."):
        return "warnings"
    if dag in SOURCES:
        return "change check"
    return "watch" if dag == "watch_publication" else "history"


def unknown_words(catalogue: Catalogue, words: Words) -> Iterator[str]:
    """The words of a statement that the catalogue does not have."""
    for kind, used, known in (
        ("function", words.functions, catalogue.functions),
        ("type", words.types, catalogue.types),
        ("clause", words.clauses, catalogue.clauses),
    ):
        yield from (f"the {kind} {name}" for name in sorted(used - known.keys()))


def problems(catalogue: Catalogue, one: Sent) -> list[str]:
    """What of a statement the catalogue does not have, each in a few words.

    Args:
        catalogue: The catalogue.
        one: The statement.
    """
    described = describe(one.sql)
    found = list(unknown_words(catalogue, described.words))
    entry = catalogue.statements.get((one.role, described.shape))
    if entry is None:
        return [f"the shape {described.shape}, as {one.role}", *found]
    found += [
        f"the privilege {name}" for name in sorted(described.privileges - {*entry.privileges})
    ]
    if one.sender not in entry.sent_by:
        found.append(f"the sender {one.sender}")
    if one.warehouse not in (NO_WAREHOUSE, entry.warehouse):
        found.append(f"the warehouse {one.warehouse}")
    return found
