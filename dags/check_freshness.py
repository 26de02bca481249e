"""
### What it checks
The age of each source's raw tables, with `dbt source freshness`. The limits are in the sources'
declarations. It is a separate DAG, so that it runs even if a source's DAG is paused or hangs.

### When it runs
Once a day, together with `keep_history`: the limits are days, and an hourly check would wake a
warehouse 24 times a day.

### What breaks
The task of a source that was not loaded for too long. The last good values stay public.

### What to do
Check the source's own DAG, or its Fivetran connector. Then clear the failed task, or wait for the
next day's check: a green one closes the incident.
"""

from airflow.sdk import DAG

from include.pipeline import DAILY, check_freshness
from include.sources import SOURCES

with DAG("check_freshness", doc_md=__doc__, tags=["publication"], **DAILY):
    for source in SOURCES:
        check_freshness(source)
