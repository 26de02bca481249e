"""Which address belongs to which source, and which file of the data folder it answers with.

The paths are the real services', taken from `include.sources`.
"""

from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from include.sources import PARTS, ArcgisLayer, JsonList

Kind = Literal["service", "layer", "query", "unknown", "list"]


class Place(NamedTuple):
    """What an address stands for: a resource of an ArcGIS service, or a JSON list.

    `name` is the list's file, `<source>/<endpoint>`; `view` is the query that the list needs.
    """

    source: str
    kind: Kind
    name: str = ""
    view: tuple[tuple[str, str], ...] = ()


def _path(url: str) -> str:
    return urlsplit(url).path.lower().rstrip("/")


def list_file(source: str, each: JsonList) -> str:
    """The file of a list in the data folder, without `.json`: `malibu/FireRebuildPoints`."""
    return f"{source}/{urlsplit(each.url).path.rstrip('/').rsplit('/', 1)[1]}"


_ALL: Final = [(source, part) for source, parts in PARTS.items() for part in parts]
_SERVICES: Final = {
    _path(part.url).rsplit("/", 1)[0]: part.name
    for _, part in _ALL
    if isinstance(part, ArcgisLayer)
}
_LISTS: Final = {
    _path(part.url): Place(
        source, "list", list_file(source, part), tuple(parse_qsl(urlsplit(part.url).query))
    )
    for source, part in _ALL
    if isinstance(part, JsonList)
}
_RESOURCES: Final[dict[str, Kind]] = {"": "service", "/0": "layer", "/0/query": "query"}

LAYERS: Final = tuple(_SERVICES.values())
LISTS: Final = tuple(place.name for place in _LISTS.values())
"""The lists' files, without `.json`."""


def place_of(path: str) -> Place | None:
    """What a request's path stands for, in any case, or None if no source lives there.

    An address below a service folder that no service has, or below a service that has no such
    layer, is `unknown`: ArcGIS answers it with an error of its own.
    """
    asked = path.lower().rstrip("/")
    if asked in _LISTS:
        return _LISTS[asked]
    for service, source in _SERVICES.items():
        if asked == service or asked.startswith(f"{service}/"):
            return Place(source, _RESOURCES.get(asked.removeprefix(service), "unknown"))
    for service, source in _SERVICES.items():
        if asked.startswith(service.rsplit("/", 2)[0]):
            return Place(source, "unknown")
    return None
