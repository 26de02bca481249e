"""Prints what `catalogue.yaml` lacks of the statements that a warehouse has received.

`python -m tests.statements --from .local/unknown_statements.json`
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import ssl
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import yaml  # type: ignore[import-untyped]

from tests.statements.catalogue import (
    NO_WAREHOUSE,
    TODO,
    Catalogue,
    Described,
    Sent,
    describe,
    read_catalogue,
    sent,
)
from tests.statements.gate import is_the_products


def main(arguments: Sequence[str]) -> int:
    """Run the command.

    Returns:
        0 if nothing is missing, 1 if something is, 2 if there are no statements to read.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tests.statements",
        description="Print the entries that tests/statements/catalogue.yaml lacks, as YAML with a"
        f" {TODO} for each field that a person has to write.",
    )
    parser.add_argument(
        "--from",
        dest="origin",
        required=True,
        metavar="FILE|URL",
        help="the statements: a JSON file, or an emulated warehouse's address, as in"
        " https://127.0.0.1:PORT/emulator/statements",
    )
    # sqlglot warns of each statement of which it knows only the first word.
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    origin = parser.parse_args(arguments).origin
    try:
        records = _read(origin)
    except (OSError, ValueError, KeyError, httpx.HTTPError) as error:
        print(f"The statements of {origin} cannot be read: {error}", file=sys.stderr)
        return 2
    missing = skeleton(read_catalogue(), [sent(one) for one in records if is_the_products(one)])
    if not missing:
        print("The catalogue has every statement.", file=sys.stderr)
        return 0
    print(yaml.safe_dump(missing, sort_keys=False, width=100, allow_unicode=True), end="")
    return 1


def skeleton(catalogue: Catalogue, statements: Iterable[Sent]) -> dict[str, Any]:
    """What the catalogue lacks, in its own form; empty if nothing.

    An entry of which only senders or privileges are missing is written again, completely.

    Args:
        catalogue: The catalogue.
        statements: The statements.
    """
    by_key: dict[tuple[str, str], list[tuple[Sent, Described]]] = defaultdict(list)
    words: dict[str, dict[str, str]] = defaultdict(dict)
    for one in statements:
        described = describe(one.sql)
        by_key[one.role, described.shape].append((one, described))
        for kind in ("functions", "types", "clauses"):
            unknown = getattr(described.words, kind) - getattr(catalogue, kind).keys()
            words[kind].update(dict.fromkeys(sorted(unknown), TODO))
    entries = [
        entry
        for key, found in sorted(by_key.items())
        if (entry := _entry(catalogue, *key, found)) is not None
    ]
    sections = {"statements": entries, **words}
    return {name: section for name, section in sections.items() if section}


def _entry(
    catalogue: Catalogue, role: str, shape: str, found: list[tuple[Sent, Described]]
) -> dict[str, Any] | None:
    known = catalogue.statements.get((role, shape))
    senders = {one.sender for one, _ in found} | {*(known.sent_by if known else ())}
    privileges = {name for _, described in found for name in described.privileges}
    privileges |= {*(known.privileges if known else ())}
    used = {one.warehouse for one, _ in found} - {NO_WAREHOUSE}
    used |= {known.warehouse} - {NO_WAREHOUSE} if known else set()
    warehouse = min(used, default=NO_WAREHOUSE)
    if known and (senders, privileges, warehouse) == (
        {*known.sent_by},
        {*known.privileges},
        known.warehouse,
    ):
        return None
    return {
        "shape": shape,
        "role": role,
        "sent_by": sorted(senders),
        "warehouse": warehouse if len(used) < 2 else TODO,
        "privileges": sorted(privileges),
        "page": known.page if known else TODO,
        "check": known.check if known else TODO,
        "examples": [
            *(known.examples if known else ()),
            *_examples(found, {*(known.privileges if known else ())}, is_new=known is None),
        ],
    }


def _examples(found: list[tuple[Sent, Described]], proven: set[str], *, is_new: bool) -> list[str]:
    """The shortest statements that together need all privileges that are not proven yet."""
    needed = {name for _, described in found for name in described.privileges} - proven
    examples: list[str] = []
    for one, described in sorted(found, key=lambda pair: len(pair[0].sql)):
        if (is_new and not examples) or described.privileges & needed:
            examples.append(" ".join(one.sql.split()))
            needed -= described.privileges
    return examples


def _read(origin: str) -> list[Mapping[str, Any]]:
    if origin.startswith(("http://", "https://")):
        trusted = ssl.create_default_context(cafile=os.environ.get("REQUESTS_CA_BUNDLE"))
        content = httpx.get(origin, verify=trusted).raise_for_status().json()
    else:
        content = json.loads(Path(origin).read_text())
    records: list[Mapping[str, Any]] = content["statements"]
    return records


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
