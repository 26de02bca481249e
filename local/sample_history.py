"""Writes a made-up history: a version a day that leads up to the published metrics.

Without it the dashboard's charts would have one point on a new laptop.
"""

from typing import TYPE_CHECKING

from snowflake.connector.errors import ProgrammingError

from include.publishing.history import PUBLISHED_METRICS
from local import provision

if TYPE_CHECKING:
    from local.cloud import Cloud

DAYS = 120
VERSION = "made-up"
# Snowflake's error for a table that does not exist.
MISSING = 2003


def write_sample_history(cloud: "Cloud") -> int:
    """Add the made-up versions to the published history, once; return the number of rows.

    Nothing is added before the first publication, or a second time.
    """
    table = PUBLISHED_METRICS.full_name
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        try:
            inserted = cursor.execute(_STATEMENT.format(table=table))
        except ProgrammingError as error:
            if error.errno == MISSING:
                return 0
            raise
        return int(inserted.fetchone()[0])


# Each metric grows at its own, uneven pace; counts are whole numbers.
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
