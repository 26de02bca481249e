"""The comparison of what the emulated warehouse has received with the catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from local.home import REPOSITORY
from tests.statements.catalogue import Catalogue, Key, describe, problems, read_catalogue, sent

UNKNOWN = REPOSITORY / ".local" / "unknown_statements.json"
_EXCERPT = 400
_SHOWN = 10


class UnknownStatementError(AssertionError):
    """The warehouse has received a statement that the catalogue does not have."""


@dataclass
class Gate:
    """Compares statements as they arrive, and remembers which entries were seen.

    Attributes:
        file: Where the records of unknown statements are written, for
            `.local/venv/bin/python -m tests.statements`.
        last: The number of the last statement that was compared.
        seen: The entries of which a statement was seen.
        words: The functions, types and clauses that were seen.
    """

    file: Path = UNKNOWN
    last: int = 0
    seen: set[Key] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    @cached_property
    def catalogue(self) -> Catalogue:
        """The catalogue, read once."""
        return read_catalogue()

    def compare(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Compare statements that the product has sent; those of tests themselves are left out.

        Args:
            records: The emulator's records, oldest first: `GET /emulator/statements`.

        Raises:
            UnknownStatementError: A statement has something that the catalogue does not have.
        """
        unknown: dict[tuple[str, ...], tuple[Mapping[str, Any], str]] = {}
        for record in records:
            self.last = max(self.last, int(record["number"]))
            if not is_the_products(record):
                continue
            one = sent(record)
            described = describe(one.sql)
            self.seen.add((one.role, described.shape))
            words = described.words
            self.words |= words.functions | words.types | words.clauses
            if found := problems(self.catalogue, one):
                who = f"{one.role}, sent by {one.sender} ({one.task or 'no task'})"
                excerpt = " ".join(one.sql.split())[:_EXCERPT]
                text = f"- {who}: {'; '.join(found)}\n    {excerpt}"
                unknown.setdefault((one.role, described.shape, *found), (record, text))
        if unknown:
            self._refuse(
                [record for record, _ in unknown.values()], [t for _, t in unknown.values()]
            )

    def _refuse(self, records: list[Mapping[str, Any]], texts: list[str]) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({"statements": records}))
        more = [f"- and {len(texts) - _SHOWN} more"] if len(texts) > _SHOWN else []
        lines = "\n".join([*texts[:_SHOWN], *more])
        raise UnknownStatementError(
            "The warehouse has received what tests/statements/catalogue.yaml does not have:\n"
            f"{lines}\n"
            "If the product has to send it, `.local/venv/bin/python -m tests.statements --from"
            f" {self.file}` prints the missing entries; complete them with the page in"
            " Snowflake's documentation and the acceptance check, and add them to the catalogue."
        )


def is_the_products(record: Mapping[str, Any]) -> bool:
    """True for a statement of a DAG, which carries the product's query tag, or of the dashboard."""
    user = str(record["user"])
    tagged = user.startswith("AIRFLOW_") and '"app":"ddrc"' in str(record["query_tag"])
    return tagged or user.startswith("DASHBOARD_")


# Compares the statements of this process's tests.
GATE = Gate()
