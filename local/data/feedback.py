"""The page's feedback forms as Fivetran copies them from DynamoDB: several thousand."""

import random
import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from include.sources.page_feedback import PAGE_FEEDBACK
from local.data.clock import FIRES_BEGAN, between, epoch_ms, iso
from local.data.sample_values import COMMENTS, chance, maybe

Row = dict[str, Any]

COUNT: Final = 4_200

# The columns of the real table, in its order. DynamoDB has no type for a time: `TIME` is a number,
# here of milliseconds since 1970. In the small data it counts seconds.
_COLUMNS: Final = {
    "FEEDBACK_KEY": "VARCHAR",
    "SITE_DOMAIN": "VARCHAR",
    "_FIVETRAN_SYNCED": "TIMESTAMP_TZ",
    "COMMENTS": "VARCHAR",
    "PAGE": "VARCHAR",
    "IS_HELPFUL": "BOOLEAN",
    "TIME": "NUMBER(38,0)",
    "URL": "VARCHAR",
    "PAGE_SECTION": "VARCHAR",
    "_FIVETRAN_DELETED": "BOOLEAN",
}
_PAGES: Final = {
    "/": 0.58,
    "/track-progress/": 0.66,
    "/get-help-online/": 0.71,
    "/get-help-in-person/": 0.74,
    "/debris-removal/": 0.43,
    "/rebuilding/": 0.49,
    "/water-and-air/": 0.61,
    "/es/": 0.80,
}
"""The share of each page's forms that call it helpful."""

_SECTIONS: Final = (None, None, "cleanup", "rebuilding", "people-helped")


def page_feedback(rng: random.Random, as_of: datetime) -> tuple[Any, list[Row]]:
    """The table's schema and its rows, in the data folder's format."""
    table = PAGE_FEEDBACK.parts[0].table
    schema = {"schema": table.schema, "table": table.name, "columns": _COLUMNS}
    return schema, [_row(rng, as_of) for _ in range(COUNT)]


def _row(rng: random.Random, as_of: datetime) -> Row:
    page = rng.choice([*_PAGES])
    # Most visits were in the first months.
    age = (as_of - FIRES_BEGAN - timedelta(days=20)) * (1 - rng.random() ** 2.5)
    moment = between(rng, as_of - age, min(as_of - age + timedelta(days=1), as_of))
    domain = maybe(rng, "www.ca.gov", 0.01)
    return {
        "FEEDBACK_KEY": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "SITE_DOMAIN": domain,
        "PAGE": maybe(rng, page, 0.003),
        "PAGE_SECTION": rng.choice(_SECTIONS) if page == "/track-progress/" else None,
        "URL": f"https://{domain}/lafires{page}" if domain else None,
        "TIME": epoch_ms(moment),
        "COMMENTS": maybe(rng, rng.choice(COMMENTS), 0.7),
        "IS_HELPFUL": maybe(rng, chance(rng, _PAGES[page]), 0.02),
        "_FIVETRAN_SYNCED": iso(between(rng, moment, min(moment + timedelta(hours=6), as_of))),
        "_FIVETRAN_DELETED": chance(rng, 0.012),
    }
