"""
### What it stores
Every state of a parcel, permit or application that the loaded layers and lists have shown, as
changes: dbt snapshots in `HISTORY`. The raw tables hold only the newest load.

### When it runs
Once a day. A state that came and went between two runs is lost. The hourly runs never read the
history, so their cost does not grow with it.

### What breaks
A staging test fails: that source's history is not updated until its data is correct. Nothing public
depends on this DAG.

### What to do
Read the failed task's log, fix the source's data or model, and clear the task.
"""

from airflow.sdk import DAG

from include.pipeline import DAILY, transform

with DAG("keep_history", doc_md=__doc__, tags=["history"], **DAILY):
    transform("history", upstream=True)
