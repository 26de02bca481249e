"""The saved versions as people know them: their time in California, and what would change.

A person chooses one of these lines under *Required actions*; `find_chosen` finds its version again.
The end of a line is the beginning of the file's hash: two versions of the same minute differ there.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from include.formats import number
from include.incidents.text import truncate
from include.metric_words import label
from include.publishing.change_limits import declared_limits
from include.publishing.differences import Difference, compare_metrics
from include.publishing.store import Store
from include.publishing.versions import PUBLISHED, Version, made_at, read_metrics, saved_versions
from include.times import california_time

# A line that is shown whole at a window's width of 1,440 pixels.
LONGEST = 90
_LONGEST_METRIC = 40
_MOST_CHANGES = 6
_HASH = 6
# A chosen version is one of the newest.
_MOST_VERSIONS = 200
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{12}")


def version_time(name: str) -> str:
    """A version's time in California, from its name; the name itself if it has none."""
    moment = made_at(name)
    return california_time(moment) if moment else name


def list_versions(
    store: Store, versions: Iterable[Version], now: datetime
) -> tuple[list[str], str]:
    """The versions to choose from: a line for each, and a Markdown table with more.

    Args:
        store: The storage account.
        versions: The versions.
        now: The current time, in UTC.
    """
    lines: list[str] = []
    table = ["| version of | what restoring it would change | audit | name |", "|---|---|---|---|"]
    for version in versions:
        found = restore_differences(store, version, now)
        lines.append(_line(version, found))
        shown = [_change(one) for one in found[:_MOST_CHANGES]]
        more = [f"and {len(found) - len(shown)} more"] if len(found) > len(shown) else []
        changes = "; ".join(shown + more) or "nothing"
        time, name = version_time(version.version), version.version
        table.append(f"| {time} | {changes} | {version.audit} | `{name}` |")
    return lines, "\n".join(table)


def restore_differences(store: Store, version: Version, now: datetime) -> list[Difference]:
    """The values that restoring a version would change in the public file."""
    served = read_metrics(store, PUBLISHED, now)
    other = read_metrics(store, version.place, now)
    found = compare_metrics(served, other, declared_limits())
    return [one for one in found if one.before != one.after]


def find_chosen(store: Store, chosen: str, now: datetime) -> str:
    """The name of the version that a chosen line means; empty if there is no such version.

    Args:
        store: The storage account.
        chosen: The line, or a version's name with or without more words.
        now: The current time, in UTC.
    """
    words = chosen.split()
    first = words[0] if words else ""
    if _NAME.fullmatch(first):
        return first
    time, digest = chosen.partition(" · ")[0], chosen.rpartition(" · ")[2]
    for version in islice(saved_versions(store, now), _MOST_VERSIONS):
        if version_time(version.version) == time and _hash(version) == digest:
            return version.version
    return ""


def differences_table(differences: Sequence[Difference]) -> str:
    """A Markdown table of the values that would change."""
    if not differences:
        return "No value would change."
    lines = ["| metric | public now | restored |", "|---|---:|---:|"]
    lines += [
        f"| {label(one.metric)} (`{one.metric}`) | {number(one.before)} | {number(one.after)} |"
        for one in differences
    ]
    return "\n".join(lines)


def _line(version: Version, differences: Sequence[Difference]) -> str:
    change = "no value changes"
    if differences:
        change = _change(differences[0])
        if len(differences) > 1:
            change += f", {len(differences) - 1} more"
    rest = f" · {_hash(version)}"
    return truncate(f"{version_time(version.version)} · {change}", LONGEST - len(rest)) + rest


def _change(difference: Difference) -> str:
    metric = truncate(label(difference.metric), _LONGEST_METRIC)
    return f"{metric} {number(difference.before)} → {number(difference.after)}"


def _hash(version: Version) -> str:
    return version.version.rpartition("-")[2][:_HASH]
