"""Data warnings: what is suspicious in the data and stops nothing, posted to Slack once.

A warning is posted to the people who keep the data, and stored once Slack has the message: a
standing warning is not posted again, and one that could not be posted is posted by the next run.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import PurePosixPath
from typing import NamedTuple

from pydantic import TypeAdapter

from include.formats import number
from include.incidents import settings
from include.incidents.alert_types import ANCHOR, page_url
from include.incidents.business_hours import in_business_hours
from include.incidents.report import post_text
from include.incidents.text import as_code, count, escape, one_line
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place, Store
from include.sources import ENTERED
from include.times import iso_utc

FOLDER = "warnings"
MOST_LINES = 10
LONGEST = 250
# Keys of the Variable `incident_mentions`, besides those of the rotation.
STAFF, ENGINEERS = "Airtable staff", "Data engineers"
RUNBOOK = f"docs/runbooks/data-warnings.md#{ANCHOR}"

# Numbers of rows: they change every hour, and another number is not another warning.
_COUNTS = ("row_count", "n_records")
_VALUES = ("value_field", "unique_field")
_ADDRESS = re.compile(r"\S+@\S+")


class Finding(NamedTuple):
    """A row of a test as a sentence.

    Attributes:
        key: What makes it another warning: the sentence without numbers of rows.
        text: The sentence.
    """

    key: str
    text: str


@dataclass(frozen=True)
class DataWarning:
    """A warning that was posted and is not over.

    Attributes:
        key: As in `Finding`.
        text: As in `Finding`.
        since: When it was first seen, in UTC.
    """

    key: str
    text: str
    since: datetime


class Comparison(NamedTuple):
    """What to post and what to store.

    Attributes:
        new: The warnings that are not known yet.
        present: All present warnings, by their text.
    """

    new: tuple[DataWarning, ...]
    present: tuple[DataWarning, ...]


_STORED = TypeAdapter(tuple[DataWarning, ...])


def describe_row(test: str, row: Mapping[str, object]) -> Finding:
    """Describe a row that a test has found.

    Args:
        test: The test's description or name, for rows that do not say what is wrong.
        row: The row's values by column, in lower case.
    """
    stable = {name: value for name, value in row.items() if name not in _COUNTS}
    return Finding(_sentence(test, stable), _sentence(test, row))


def compare_warnings(
    known: Sequence[DataWarning], found: Sequence[Finding], now: datetime
) -> Comparison:
    """Compare what a test has found with what is known of it.

    Args:
        known: The stored warnings of the test.
        found: What it has found now.
        now: The current time, in UTC.
    """
    since = {each.key: each.since for each in known}
    present = {each.key: DataWarning(*each, since.get(each.key, now)) for each in found}
    ordered = tuple(sorted(present.values(), key=lambda each: each.text))
    return Comparison(tuple(each for each in ordered if each.key not in since), ordered)


def warning_text(title: str, lines: Sequence[str], keeper: str, runbook: str) -> str:
    """The Slack message of new warnings.

    Args:
        title: What it is about.
        lines: A sentence for each warning, as it was found.
        keeper: Who keeps the data; a name or a mention.
        runbook: The address of the runbook page; empty without one.
    """
    shown = [f"• {as_code(line)}" for line in lines[:MOST_LINES]]
    if (others := len(lines) - len(shown)) > 0:
        shown.append(f"and {others} more")
    remedy = f" <{runbook}|What to do>" if runbook else ""
    heading = f":information_source: LOW · *{escape(title)}*"
    return "\n".join((heading, *shown, f"For: {keeper}.{remedy}"))


def report_findings(
    store: Store,
    source: str,
    results: Mapping[str, Sequence[Finding]],
    declared: Callable[[], Collection[str]],
    now: datetime,
) -> None:
    """Post the new findings of a source's tests, and store the present ones.

    Args:
        store: The storage account.
        source: The source's name, or the dbt tag of other models.
        results: What each test that ran has found; nothing if it passed.
        declared: Returns the names of all tests. It is called if a test with stored warnings did
            not run: those of a deleted test are over.
        now: The current time, in UTC.
    """
    known = read_warnings(store, source).get(source, {})
    compared = {
        test: compare_warnings(known.get(test, ()), found, now) for test, found in results.items()
    }
    if others := known.keys() - results.keys():
        compared |= dict.fromkeys(others - set(declared()), Comparison((), ()))
    new = [each.text for comparison in compared.values() for each in comparison.new]
    title = f"{source}: {count(len(new), 'new data warning')}"
    if new and not post_warning(store, title, new, source, now):
        return
    for test, comparison in compared.items():
        place = Place(VERSIONS_CONTAINER, f"{FOLDER}/{source}/{test}.json")
        if comparison.present and comparison.present != known.get(test):
            store.write(place, _STORED.dump_json(comparison.present))
        elif not comparison.present and test in known:
            store.delete(place)


def post_warning(
    store: Store, title: str, lines: Sequence[str], source: str, now: datetime
) -> bool:
    """Post warnings to the people who keep a source's data.

    Returns:
        True if Slack has the message or will get it.
    """
    keeper = STAFF if source in ENTERED else ENGINEERS
    # A low severity mentions nobody at night.
    mention = settings.mentions().get(keeper) if in_business_hours(now) else None
    named = f"{mention} ({keeper})" if mention else keeper
    runbook = page_url(settings.repository(), RUNBOOK)
    return post_text(store, warning_text(title, lines, named, runbook), now)


def read_warnings(store: Store, source: str = "") -> dict[str, dict[str, tuple[DataWarning, ...]]]:
    """The stored warnings by source and test: one listing, and a request for each test.

    Args:
        store: The storage account.
        source: Only this source; all by default.
    """
    found: dict[str, dict[str, tuple[DataWarning, ...]]] = {}
    for path in store.paths(VERSIONS_CONTAINER, f"{FOLDER}/{source}".rstrip("/")):
        if (stored := store.read(Place(VERSIONS_CONTAINER, path))) is not None:
            name = PurePosixPath(path)
            found.setdefault(name.parent.name, {})[name.stem] = _STORED.validate_json(
                stored.content
            )
    return found


def _sentence(test: str, row: Mapping[str, object]) -> str:
    rest = dict(row)
    if "value_that_counts" in row:
        name = rest.pop("metric_name", None) or "an entry without a machine name"
        record, counts = rest.pop("record_id", None), rest.pop("value_that_counts")
        rule = ", ".join(_value(value) for value in rest.values())
        instead = "nothing" if counts is None else _number(counts)
        entry = f"{name} (record {_value(record)}) is not published"
        return _safe(f"{entry}: {rule}; {instead} counts instead")
    if {"column_name", "value"} <= row.keys():
        text = f"{_value(row['column_name'])}: the value {_value(row['value'])} is not known"
    else:
        values = (
            # The column of dbt's own tests.
            _value(value) if name in _VALUES else f"{name}: {_value(value)}"
            for name, value in row.items()
            if name not in _COUNTS
        )
        text = f"{test}: {', '.join(values)}"
    rows = next((row[name] for name in _COUNTS if name in row), None)
    if rows is None:
        return _safe(text)
    return _safe(f"{text}, in {_number(rows)} row{'' if rows == 1 else 's'}")


def _number(value: object) -> str:
    return number(float(value)) if isinstance(value, int | float | Decimal) else _value(value)


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return str(iso_utc(value) if value.tzinfo else value.isoformat())
    return "empty" if value is None or value == "" else str(value)


def _safe(text: str) -> str:
    """One line without secrets and without anything that looks like an e-mail address."""
    return one_line(_ADDRESS.sub("***", " ".join(text.split())), LONGEST)
