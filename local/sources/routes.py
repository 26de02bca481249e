"""The paths of the sources, which are those of the real services in `include.sources`."""

from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from include.sources import SOURCES, JsonList

Kind = Literal["service", "layer", "query", "unknown", "list"]


class Route(NamedTuple):
    """The resource at a path: one of an ArcGIS service, or a JSON list.

    Attributes:
        source: The source.
        kind: The kind of resource; `unknown` for a path that an ArcGIS server does not know.
        name: The list's file in the data folder, `<source>/<endpoint>`.
        view: The query parameters that the list requires.
    """

    source: str
    kind: Kind
    name: str = ""
    view: tuple[tuple[str, str], ...] = ()


def _path(url: str) -> str:
    return urlsplit(url).path.lower().rstrip("/")


def list_file(source: str, part: JsonList) -> str:
    """The file of a list in the data folder, without `.json`: `malibu/FireRebuildPoints`."""
    return f"{source}/{urlsplit(part.url).path.rstrip('/').rsplit('/', 1)[1]}"


_SERVICES: Final = {
    _path(layer.url).rsplit("/", 1)[0]: layer.name
    for source in SOURCES.values()
    for layer in source.layers
}
_LISTS: Final = {
    _path(part.url): Route(
        name, "list", list_file(name, part), tuple(parse_qsl(urlsplit(part.url).query))
    )
    for name, source in SOURCES.items()
    for part in source.lists
}
_RESOURCES: Final[dict[str, Kind]] = {"": "service", "/0": "layer", "/0/query": "query"}

MOVED: Final = "/moved"
"""The path that everything is below, too; the fault `redirect` leads there."""

LAYERS: Final = tuple(_SERVICES.values())
LISTS: Final = tuple(route.name for route in _LISTS.values())
"""The lists' files, without `.json`."""


def find_route(path: str) -> Route | None:
    """The resource at a path, in any case; `None` if the path is not below any source's.

    A service or layer that does not exist below a source's folder of services is `unknown`: ArcGIS
    responds to it with an error of its own.
    """
    path = path.lower().rstrip("/")
    if path in _LISTS:
        return _LISTS[path]
    for service, source in _SERVICES.items():
        if path == service or path.startswith(f"{service}/"):
            return Route(source, _RESOURCES.get(path.removeprefix(service), "unknown"))
    for service, source in _SERVICES.items():
        if path.startswith(service.rsplit("/", 2)[0]):
            return Route(source, "unknown")
    return None
