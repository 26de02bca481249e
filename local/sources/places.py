"""Which address belongs to which source. The real services' paths, taken from `include.sources`."""

from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from include.sources import EPA, MALIBU, PASADENA, USACE

Kind = Literal["service", "layer", "query", "unknown", "list"]


class Place(NamedTuple):
    """What an address stands for: a resource of an ArcGIS service, or one of Malibu's lists.

    `name` is the list's file name; `view` is the query that the list needs.
    """

    source: str
    kind: Kind
    name: str = ""
    view: tuple[tuple[str, str], ...] = ()


def _path(url: str) -> str:
    return urlsplit(url).path.lower().rstrip("/")


_SERVICES: Final = {_path(each.url).rsplit("/", 1)[0]: each.name for each in (EPA, USACE, PASADENA)}
_LISTS: Final = {
    _path(each.url): Place(
        "malibu",
        "list",
        urlsplit(each.url).path.rstrip("/").rsplit("/", 1)[1],
        tuple(parse_qsl(urlsplit(each.url).query)),
    )
    for each in MALIBU
}
_RESOURCES: Final[dict[str, Kind]] = {"": "service", "/0": "layer", "/0/query": "query"}

LISTS: Final = tuple(place.name for place in _LISTS.values())
"""The file names of Malibu's lists, without `.json`."""


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
