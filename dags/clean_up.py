"""
### What it deletes
Rows of Airflow's own database that are older than 90 days: runs with their tasks and XComs, the
audit log, and earlier versions of the DAGs. Airflow never deletes them by itself. The newest event
of each source's asset stays, whatever its age: it is how the next run knows that nothing changed.

### When it runs
Once a day. Each run deletes one day; the first one after a long pause takes minutes.

### What breaks
The API server cannot delete, or refuses. Nothing public depends on this DAG: the database grows by
a few megabytes a day until it works again.

### What to do
The failed task's error says what. `docs/retention.md` has the rule of everything that grows.
"""

from airflow.sdk import DAG

from include.pipeline import DAILY
from include.pipeline.clean_up import delete_old_rows

with DAG("clean_up", doc_md=__doc__, tags=["maintenance"], **DAILY):
    delete_old_rows()
