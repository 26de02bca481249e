"""
### What it checks
How old each source's raw tables are, by `dbt source freshness`; the limits are in the sources'
declarations. A DAG of its own: it runs although a source's DAG is paused, hangs or is broken.

### What breaks
A task fails whose source was not loaded for too long. The last good values stay public.

### What to do
Look at the source's own DAG, or at its Fivetran connector. When the source is announced to be
down for long, pause its DAG and mark this task as success.
"""

from airflow.sdk import DAG

from include.pipeline import AFTER_THE_SOURCES, check_freshness
from include.sources import SOURCES

with DAG("check_freshness", doc_md=__doc__, tags=["publication"], **AFTER_THE_SOURCES):
    for source in SOURCES:
        check_freshness(source)
