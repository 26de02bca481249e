"""Generates a data folder. The same seed and `as_of` give the same bytes."""

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from include.sources import SOURCES
from local.data.airtable import airtable
from local.data.areas import EATON, PALISADES
from local.data.clock import iso
from local.data.epa import epa
from local.data.feedback import page_feedback
from local.data.malibu import malibu
from local.data.parcels import Parcel, lay_out
from local.data.pasadena import pasadena
from local.data.usace import usace
from local.home import REPOSITORY

SAMPLES = REPOSITORY / "tests" / "data" / "small"

_EATON_PARCELS = 6_550
_PALISADES_PARCELS = 5_450


def make_folder(output: Path, seed: int, as_of: datetime) -> None:
    """Write the data folder; its format is in `local/README.md`.

    Each file is replaced in one step, so that a running server reads the old one or the new one.

    Args:
        output: The folder; created if missing.
        seed: The seed; another one gives other data of the same shape.
        as_of: The time, in UTC, that the data describes; nothing in it is later.
    """
    made: dict[str, Any] = {"data.json": {"as_of": iso(as_of).replace(".000Z", "Z"), "seed": seed}}
    parcels = _parcels(seed)
    for source in SOURCES:
        if (make := MAKERS.get(source)) is not None:
            # With a generator for each source, a change of one does not change the others' bytes.
            # The time is not in its seed, so that the counts are the same on any day.
            rng = random.Random(f"{seed} {source}")
            made |= make(parcels, rng, as_of)
        else:
            made |= _sample(source)
    for name, content in made.items():
        _write(output / name, content)


# The generator of each source's files. A source without one serves its sample.
MAKERS: dict[str, Callable[[list[Parcel], random.Random, datetime], dict[str, Any]]] = {
    "epa": lambda parcels, rng, as_of: _arcgis("epa", epa(parcels, rng, as_of)),
    "usace": lambda parcels, rng, as_of: _arcgis("usace", usace(parcels, rng, as_of)),
    "pasadena": lambda _, rng, as_of: _arcgis("pasadena", pasadena(rng, as_of)),
    "malibu": lambda _, rng, __: {f"malibu/{n}.json": rows for n, rows in malibu(rng).items()},
    "airtable": lambda _, rng, as_of: _fivetran("airtable", airtable(rng, as_of)),
    "page_feedback": lambda _, rng, as_of: _fivetran("page_feedback", page_feedback(rng, as_of)),
}


def _sample(source: str) -> dict[str, Any]:
    """The dozen rows of a source in `tests/data/small`, unchanged."""
    return {
        str(file.relative_to(SAMPLES)): orjson.loads(file.read_bytes())
        for kind in ("arcgis", "fivetran", ".")
        for file in sorted((SAMPLES / kind / source).glob("*.json"))
    }


def _parcels(seed: int) -> list[Parcel]:
    """The parcels of both areas; they depend on the seed alone."""
    rng = random.Random(f"{seed} parcels")
    eaton, palisades = (
        lay_out(EATON, _EATON_PARCELS, rng),
        lay_out(PALISADES, _PALISADES_PARCELS, rng),
    )
    return [*eaton, *palisades]


def _arcgis(name: str, made: tuple[Any, Any]) -> dict[str, Any]:
    return {f"arcgis/{name}/layer.json": made[0], f"arcgis/{name}/features.json": made[1]}


def _fivetran(name: str, made: tuple[Any, list[dict[str, Any]]]) -> dict[str, Any]:
    return {f"fivetran/{name}/schema.json": made[0], f"fivetran/{name}/rows.json": made[1]}


def _write(file: Path, content: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.part")
    part.write_bytes(_lines(content))
    part.replace(file)


def _lines(content: Any) -> bytes:
    """JSON with a row on each line, for people who read and compare it."""
    if isinstance(content, list):
        return b"[\n" + b",\n".join(map(orjson.dumps, content)) + b"\n]\n"
    if "features" in content:
        return b'{"features":' + _lines(content["features"]).rstrip() + b"}\n"
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
