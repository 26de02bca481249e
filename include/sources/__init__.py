"""The sources: address, key and raw tables of each, one file a source, found by looking.

Facts about the outside world are in this package and nowhere else. `dags/` chains the sources,
`include/loaders` loads them, `local/` imitates them.
"""

import sys

from include.sources.kinds import (
    ArcgisLayer,
    Expectations,
    FieldType,
    FivetranConnector,
    JsonField,
    JsonList,
    LoadedPart,
    Part,
    RawTable,
)
from include.sources.registry import SourceError, find_sources
from include.sources.source import Source

__all__ = [
    "COMPUTED",
    "ENTERED",
    "LOADED",
    "SOURCES",
    "SYNCED",
    "ArcgisLayer",
    "Expectations",
    "FieldType",
    "FivetranConnector",
    "JsonField",
    "JsonList",
    "LoadedPart",
    "Part",
    "RawTable",
    "Source",
    "SourceError",
]

# Every source by name, sorted; each has a DAG of this name.
SOURCES: dict[str, Source] = find_sources(sys.modules[__name__])

# The names of the sources that Fivetran loads, and of those that include/loaders loads.
SYNCED = tuple(name for name, source in SOURCES.items() if source.is_synced)
LOADED = tuple(name for name, source in SOURCES.items() if not source.is_synced)

# The names of those whose metrics are computed from their rows and published.
COMPUTED = tuple(name for name, source in SOURCES.items() if source.metrics == "computed")
# The names of those whose metrics staff enter; a computed metric of the same name replaces theirs.
ENTERED = tuple(name for name, source in SOURCES.items() if source.metrics == "entered by staff")
