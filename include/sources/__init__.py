"""What each source is: its address, its key and the raw tables it fills.

Facts about the outside world live in this package and nowhere else, a file for each source.
`dags/` chains them, `include/loaders` loads them, `local/` imitates them.
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

# Every source and what it loads; each has a DAG of its own by this name.
PARTS: dict[str, tuple[Part, ...]] = {
    "airtable": (AIRTABLE,),
    "page_feedback": (PAGE_FEEDBACK,),
    "epa": (EPA,),
    "usace": (USACE,),
    "pasadena": (PASADENA,),
    "malibu": MALIBU,
}
SOURCES = tuple(PARTS)

# Those that Fivetran loads, and those that our own loaders do.
SYNCED = tuple(name for name in SOURCES if isinstance(PARTS[name][0], FivetranConnector))
LOADED = tuple(name for name in SOURCES if name not in SYNCED)
