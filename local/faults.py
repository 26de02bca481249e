"""The faults of the laptop's sources: one JSON file, for example `{"usace": "error-200"}`.

The servers read the file on every request, so a fault needs no restart. A missing file means no
faults.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Final

from include.sources import SOURCES, Source

_SERVER_FAULTS = (
    "error-500",
    "error-200",
    "cut-off",
    "slow",
    "empty",
    "drop-rows",
    "rename-columns",
    "stale-cache",
    "redirect",
)
_LAYER_FAULTS = (
    "rows-move",
    "low-count",
    "no-count",
    "no-ids",
    "no-paging",
    "large-pages",
)
_SYNC_FAULTS = ("error-500", "sync-failed", "stuck", "rescheduled", "broken")


def _faults(source: Source) -> tuple[str, ...]:
    if source.is_synced:
        return _SYNC_FAULTS
    return _SERVER_FAULTS + (_LAYER_FAULTS if source.layers else ())


FAULTS: Final[dict[str, tuple[str, ...]]] = {
    name: _faults(source) for name, source in SOURCES.items()
}
"""The faults that each source can have, by the source's name."""


class UnknownFaultError(ValueError):
    """The source or its fault does not exist, or the file is not a faults file."""


def set_fault(file: Path, source: str, fault: str) -> None:
    """Inject a fault into one source.

    Args:
        file: The faults file; created, with its folder, if missing.
        source: A key of `FAULTS`.
        fault: One of `FAULTS[source]`; it replaces the source's earlier fault.

    Raises:
        UnknownFaultError: The source or the fault is unknown; the file is unchanged.
    """
    _check(source, fault)
    _write(file, {**_read(file), source: fault})


def clear_faults(file: Path) -> None:
    """Remove the faults of every source, whatever the file holds."""
    _write(file, {})


def fault_of(file: Path, source: str) -> str | None:
    """The fault that a source has now; `None` if it has none.

    Raises:
        UnknownFaultError: The source is unknown, or somebody edited the file so that it holds an
            unknown fault of the source or is not a JSON object.
    """
    fault = _read(file).get(source)
    _check(source, fault)
    return fault


def usage(source: str) -> str:
    """How to name a fault: the sources, or the faults of one of them.

    Raises:
        UnknownFaultError: The source is unknown.
    """
    if not source:
        return (
            "Name a source and a fault: make break SOURCE=usace FAULT=error-200\n"
            f"The sources are {', '.join(FAULTS)}."
        )
    _check(source, None)
    return (
        f"Name a fault of {source}: make break SOURCE={source} FAULT={FAULTS[source][0]}\n"
        f"Its faults are {', '.join(FAULTS[source])}."
    )


def _check(source: str, fault: str | None) -> None:
    if source not in FAULTS:
        raise UnknownFaultError(
            f"There is no source {source!r}. The sources are {', '.join(FAULTS)}."
        )
    if fault is not None and fault not in FAULTS[source]:
        raise UnknownFaultError(
            f"{source} has no fault {fault!r}. Its faults are {', '.join(FAULTS[source])}."
        )


def _read(file: Path) -> dict[str, str]:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    try:
        faults = json.loads(text)
    except ValueError:
        faults = None
    if not isinstance(faults, dict):
        raise UnknownFaultError(
            f"{file.name} is not a faults file. It has to be a JSON object, "
            'for example {"usace": "error-200"}; make fix writes a new one.'
        )
    return faults


def _write(file: Path, faults: dict[str, str]) -> None:
    """Replace the file in one step, so that no server reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as written:
            json.dump(faults, written, indent=2)
            written.write("\n")
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
