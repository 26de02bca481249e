"""
### What it checks
The age of each source's raw tables, with `dbt source freshness`. The limits are in the sources'
declarations. It is a separate DAG, so that it runs even if a source's DAG is paused or hangs.

### What breaks
The task of a source that was not loaded for too long. The last good values stay public.

### What to do
Check the source's own DAG, or its Fivetran connector. The next green check closes the incident.
"""

from airflow.sdk import DAG

from include.pipeline import AFTER_THE_SOURCES, check_freshness
from include.sources import SOURCES

with DAG("check_freshness", doc_md=__doc__, tags=["publication"], **AFTER_THE_SOURCES):
    for source in SOURCES:
        check_freshness(source)
