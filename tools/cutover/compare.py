"""Compares the earlier system's file, which the page reads, with this pipeline's metrics.

Ends with 0 if both say the same, with 1 if something differs or a file cannot be read, and with 2
if the command is wrong. Changes nothing.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

import httpx

from include.https import trusted
from include.masking import mask_secrets
from include.publishing.earlier import EARLIER_URL, earlier_url, is_address, read_earlier
from include.publishing.names import PUBLISHED_FILE
from include.publishing.reconcile import read_publishing
from include.publishing.side_by_side import (
    FIELDS,
    Compared,
    Result,
    SideBySide,
    compare_with_earlier,
    own_metrics,
    read_side_by_side,
)
from include.publishing.store import Place
from include.times import utc_now

SAME, DIFFERENT, WRONG_USE = 0, 1, 2
_TIMEOUT_SECONDS = 10


class _UnreadableError(Exception):
    """This pipeline's files cannot be read; the text says why."""


def main(arguments: Sequence[str], clock: Callable[[], datetime] = utc_now) -> int:
    """Compare once.

    Args:
        arguments: The command line's arguments.
        clock: Returns the current time, in UTC.

    Returns:
        The exit code.
    """
    try:
        options = _parser().parse_args(arguments)
    except SystemExit as ended:
        return WRONG_USE if ended.code else SAME
    url = options.earlier or earlier_url()
    for name, value in (("--earlier", url), ("--own", options.own)):
        if not is_address(value) and (value or name == "--earlier"):
            print(
                f"{name} is not the address of a website. Give the address of the file"
                f"{f', or set {EARLIER_URL}' if name == '--earlier' else ''}.",
                file=sys.stderr,
            )
            return WRONG_USE
    now = clock()
    try:
        if options.own:
            found = _compare_addresses(url, options.own, now, options.ignore)
        else:
            found = _compare_with_store(url, now, options.ignore)
    except _UnreadableError as error:
        print(error, file=sys.stderr)
        return DIFFERENT
    print(_as_json(found) if options.json else "\n".join(_as_table(found)))
    return SAME if found.is_same else DIFFERENT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.cutover compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--earlier",
        default="",
        metavar="URL",
        help=f"the address of the earlier system's file; {EARLIER_URL} by default",
    )
    parser.add_argument(
        "--own",
        default="",
        metavar="URL",
        help=(
            "the address of this pipeline's public file: it is read without credentials, or the"
            " released files beside it while it is missing; by default the files are read through"
            " the Airflow connection azure_storage"
        ),
    )
    parser.add_argument(
        "--ignore",
        action="append",
        default=[],
        choices=list(FIELDS),
        help="a field whose differences do not count; can be given several times",
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser


def _compare_with_store(url: str, now: datetime, ignored: Sequence[str]) -> SideBySide:
    """Compare with the storage account of this environment."""
    from include.storage import open_store

    try:
        store = open_store()
        return read_side_by_side(store, read_publishing(store, now), url, now, ignored)
    except Exception as error:
        # The libraries raise many classes: no such connection, no login, no answer.
        reason = mask_secrets(str(error)).strip().partition("\n")[0][:200]
        raise _UnreadableError(
            f"The connection azure_storage cannot be read: {type(error).__name__}: {reason}"
        ) from error


def _compare_addresses(
    url: str, public_url: str, now: datetime, ignored: Sequence[str]
) -> SideBySide:
    """Compare with what anyone can read."""
    folder = public_url.rpartition("/")[0]

    def read(place: Place) -> bytes | None:
        return _get(public_url if place.path == PUBLISHED_FILE else f"{folder}/{place.path}")

    is_public = _get(public_url) is not None
    own, problems = own_metrics(read, now, is_public=is_public)
    if not own and not problems:
        raise _UnreadableError(f"Nothing is published or released at {public_url}.")
    return compare_with_earlier(
        read_earlier(url, now), own, is_public=is_public, problems=problems, ignored=ignored
    )


def _get(url: str) -> bytes | None:
    """A file's content; `None` if it does not exist."""
    try:
        response = httpx.get(url, timeout=_TIMEOUT_SECONDS, verify=trusted())
    except httpx.HTTPError as error:
        raise _UnreadableError(f"{url} is out of reach: {type(error).__name__}.") from error
    if response.status_code == httpx.codes.NOT_FOUND:
        return None
    if response.status_code != httpx.codes.OK:
        raise _UnreadableError(f"{url} answers {response.status_code}.")
    return response.content


def _as_json(found: SideBySide) -> str:
    metrics = [{**asdict(one), "result": one.result} for one in found.metrics]
    return json.dumps(
        {
            "earlier": found.earlier.address,
            "fault": found.earlier.fault,
            "is_public": found.is_public,
            "is_same": found.is_same,
            "summary": found.summary,
            "problems": [*found.problems, *found.earlier.problems],
            "metrics": metrics,
        },
        indent=2,
    )


def _as_table(found: SideBySide) -> Iterator[str]:
    own = "this pipeline's public file" if found.is_public else "what this pipeline would publish"
    yield f"{found.earlier.address} and {own}."
    if found.earlier.fault:
        yield found.earlier.fault
    yield from found.problems
    for problem in found.earlier.problems:
        yield f"The earlier file breaks the contract: {problem}"
    rows = [("metric", "field", "earlier", "here", "result")]
    rows += [row for one in found.metrics for row in _lines(one)]
    if found.metrics:
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=False))
            yield "  ".join((*cells, row[4])).rstrip()
    yield f"{found.summary}."


def _lines(one: Compared) -> Iterator[tuple[str, str, str, str, str]]:
    """One line for the value, and one for each other field that differs."""
    fields = ["value", *(field for field in one.differing if field != "value")]
    for field in fields:
        is_first = field == "value"
        there, here = one.earlier.get(field, "none"), one.own.get(field, "none")
        result = str(one.result) if is_first else ""
        if one.result is Result.DIFFERS and is_first:
            result = f"{one.result}: {', '.join(one.differing)}"
        yield one.name if is_first else "", field, there, here, result
