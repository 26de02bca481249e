"""The file of a data folder that holds a part's rows."""

from functools import singledispatch

from include.sources import ArcgisLayer, FivetranConnector, JsonList, Part
from local.sources.routes import list_file


def data_file(source: str, part: Part) -> str:
    """The file of a data folder that holds a part's rows, below the folder."""
    return _file_of(part, source)


@singledispatch
def _file_of(part: Part, source: str) -> str:
    raise NotImplementedError(f"{source} has a part of an unknown kind: {part}")


@_file_of.register
def _(part: ArcgisLayer, source: str) -> str:
    return f"arcgis/{part.name}/features.json"


@_file_of.register
def _(part: FivetranConnector, source: str) -> str:
    return f"fivetran/{part.name}/rows.json"


@_file_of.register
def _(part: JsonList, source: str) -> str:
    return f"{list_file(source, part)}.json"
