"""The file of a data folder that holds a part's rows."""

from functools import singledispatch

from include.sources import ArcgisLayer, FivetranConnector, JsonList, Part
from local.sources.routes import list_file


@singledispatch
def data_file(part: Part, source: str) -> str:
    """The file of a data folder that holds a part's rows, below the folder."""
    raise TypeError(f"{part!r} of {source} is not a layer, a list or a connector")


@data_file.register
def _(part: ArcgisLayer, source: str) -> str:
    return f"arcgis/{part.name}/features.json"


@data_file.register
def _(part: FivetranConnector, source: str) -> str:
    return f"fivetran/{part.name}/rows.json"


@data_file.register
def _(part: JsonList, source: str) -> str:
    return f"{list_file(source, part)}.json"
