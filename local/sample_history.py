"""Gives the laptop a past: made-up versions, one a day, that lead up to what is public now.

Its sources' data is made up too, and is as new as the laptop: without a past no chart has a line.
"""

from typing import TYPE_CHECKING

from snowflake.connector.errors import ProgrammingError

from include.publishing.history import PUBLISHED_METRICS
from local import provision

if TYPE_CHECKING:
    from local.cloud import Cloud

DAYS = 120
VERSION = "made-up"
MISSING = 2003


def invent(cloud: "Cloud") -> int:
    """Add the past to the published history, once; the number of rows that were added.

    Nothing is added where nothing has been published yet.
    """
    table = PUBLISHED_METRICS.full_name
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        try:
            done = cursor.execute(_STATEMENT.format(table=table))
        except ProgrammingError as problem:
            if problem.errno == MISSING:
                return 0
            raise
        return int(done.fetchone()[0])


# Each metric came to its value at a pace of its own, and not evenly; counts are whole.
_STATEMENT = f"""
INSERT INTO {{table}}
WITH newest AS (
    SELECT * FROM {{table}} WHERE PUBLISHED_AT = (SELECT MAX(PUBLISHED_AT) FROM {{table}})
),
days AS (SELECT SEQ4() + 1 AS N FROM TABLE(GENERATOR(ROWCOUNT => {DAYS}))),
past AS (
    SELECT newest.*, N, 1 - POWER(N / {DAYS}, 1.5) * (LENGTH(METRIC_NAME) % 7) / 12 AS PART
    FROM newest CROSS JOIN days
    WHERE (SELECT COUNT(*) FROM {{table}} WHERE VERSION LIKE '{VERSION}-%') = 0
)
SELECT
    '{VERSION}-' || LPAD(N::VARCHAR, 3, '0'),
    DATEADD('day', -N, PUBLISHED_AT),
    METRIC_NAME,
    IFF(METRIC_TYPE = 'count', FLOOR(METRIC_VALUE * PART), METRIC_VALUE * PART),
    METRIC_TYPE,
    METRIC_UNIT_LABEL,
    UPDATE_FREQUENCY,
    LEAST(LAST_UPDATED, DATEADD('day', -N, PUBLISHED_AT))
FROM past
"""  # noqa: S608
