"""The queries of the dashboard and of notebooks.

Each query takes an open Snowflake connection and returns a pandas DataFrame, whose columns its
docstring lists. Days are California's. Times are UTC, with their zone.

    >>> import snowflake.connector
    >>> from include.dashboard import queries
    >>> queries.public_now(snowflake.connector.connect(), before=date(2026, 11, 1))
"""

from include.dashboard.queries.cost import warehouse_cost
from include.dashboard.queries.feedback import feedback_by_page_and_week
from include.dashboard.queries.metrics import public_now, published_by_day
from include.dashboard.queries.pipeline import incidents, loads_by_day, newest_loads, newest_value
from include.dashboard.queries.places import LAYERS, places

__all__ = [
    "LAYERS",
    "feedback_by_page_and_week",
    "incidents",
    "loads_by_day",
    "newest_loads",
    "newest_value",
    "places",
    "public_now",
    "published_by_day",
    "warehouse_cost",
]
