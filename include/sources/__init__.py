"""The sources: address, key and raw tables of each, one file a source.

Facts about the outside world are in this package and nowhere else. `dags/` chains the sources,
`include/loaders` loads them, `local/` imitates them.
"""

from include.sources.airtable import AIRTABLE
from include.sources.epa import EPA
from include.sources.kinds import (
    ArcgisLayer,
    Expectations,
    FieldType,
    FivetranConnector,
    JsonField,
    JsonList,
    Part,
    RawTable,
)
from include.sources.malibu import MALIBU
from include.sources.page_feedback import PAGE_FEEDBACK
from include.sources.pasadena import PASADENA
from include.sources.usace import USACE

__all__ = [
    "AIRTABLE",
    "EPA",
    "LOADED",
    "MALIBU",
    "PAGE_FEEDBACK",
    "PARTS",
    "PASADENA",
    "SOURCES",
    "SYNCED",
    "USACE",
    "ArcgisLayer",
    "Expectations",
    "FieldType",
    "FivetranConnector",
    "JsonField",
    "JsonList",
    "Part",
    "RawTable",
]

# Every source and its parts; each source has a DAG of this name.
PARTS: dict[str, tuple[Part, ...]] = {
    "airtable": (AIRTABLE,),
    "page_feedback": (PAGE_FEEDBACK,),
    "epa": (EPA,),
    "usace": (USACE,),
    "pasadena": (PASADENA,),
    "malibu": MALIBU,
}
SOURCES = tuple(PARTS)

# The sources that Fivetran loads, and those that include/loaders loads.
SYNCED = tuple(name for name in SOURCES if isinstance(PARTS[name][0], FivetranConnector))
LOADED = tuple(name for name in SOURCES if name not in SYNCED)
