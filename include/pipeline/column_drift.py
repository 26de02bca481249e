"""Column drift: a column that a source lost, gained or re-typed, reported by name once.

What a source has is compared before it is loaded, so that the message comes before a failure.
"""

import json
import logging
from collections.abc import Callable, Iterator, Mapping

from include.incidents.data_warnings import post_warning
from include.publishing.names import VERSIONS_CONTAINER
from include.publishing.store import Place
from include.sources import ArcgisLayer, FivetranConnector, JsonList, Part
from include.storage import open_store
from include.times import utc_now

log = logging.getLogger(__name__)

FOLDER = "columns"
_NOUNS = {ArcgisLayer: "layer", JsonList: "list", FivetranConnector: "table"}


def describe_drift(known: Mapping[str, str], seen: Mapping[str, str]) -> str:
    """Describe how columns differ; empty if they do not.

    Args:
        known: The type of each column, by name, that was reported or seen first.
        seen: The same now.
    """
    return "; ".join(_changes(known, seen))


def drift_reporter(source: str, part: Part) -> Callable[[Mapping[str, str]], None]:
    """A function that takes a part's columns, and reports those that changed since it last did.

    The first columns are only stored. The function never raises: an error is logged.

    Args:
        source: The source's name.
        part: The layer, list or connector.
    """
    place = Place(VERSIONS_CONTAINER, f"{FOLDER}/{part.name}.json")

    def report_drift(seen: Mapping[str, str]) -> None:
        try:
            store = open_store()
            stored = store.read(place)
            known = json.loads(stored.content) if stored else seen
            if stored and known == seen:
                return
            if drift := describe_drift(known, seen):
                line = f"{part.name}: the {_NOUNS[type(part)]} {drift}"
                log.warning(line)
                if not post_warning(store, f"{source}: columns changed", [line], source, utc_now()):
                    return
            store.write(place, json.dumps(dict(seen)).encode())
        except Exception:
            log.exception("The columns of %s could not be compared", part.name)

    return report_drift


def _changes(known: Mapping[str, str], seen: Mapping[str, str]) -> Iterator[str]:
    if lost := sorted(known.keys() - seen.keys()):
        yield f"lost {', '.join(lost)}"
    if gained := sorted(seen.keys() - known.keys()):
        yield f"gained {', '.join(f'{name} ({seen[name]})' for name in gained)}"
    for name in sorted(known.keys() & seen.keys()):
        if known[name] != seen[name]:
            yield f"changed {name} from {known[name]} to {seen[name]}"
