"""
### What it keeps
Every state that the loaded layers and lists have shown of a parcel, permit or application, as
changes: dbt snapshots in `HISTORY`. The raw tables hold the newest load only.

### When it runs
Once a day. A state that came and went between two runs is not kept; the hourly runs never read
history, so their cost does not grow with it.

### What breaks
A staging test fails: nothing of that source is kept until its data is right. Nothing public
depends on this DAG.

### What to do
Read the failed task's log, mend the source's data or model, and clear the task.
"""

from airflow.sdk import DAG

from include.pipeline import DAILY, transform

with DAG("keep_history", doc_md=__doc__, tags=["history"], **DAILY):
    transform("history", upstream=True)
