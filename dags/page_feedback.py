"""
### What it loads
The page-feedback forms of the recovery site into `ODI_DYNAMODB.LA_FIRES_PAGE_FEEDBACK`, for the
marts of helpfulness by page and week. Two counts of responses are unloaded for analysis; they are
not part of the published file.

### Where from
A DynamoDB table, through a Fivetran connector that this DAG starts and waits for. If the sync has
changed no row, the remaining tasks are skipped.

### What breaks
Fivetran or AWS is down, or the connector's authorization has expired: `sync` or `wait_for_sync`
fails. The published file does not depend on this source.

### What to do
Open the connector in Fivetran, fix it, then clear `sync`. It is not urgent.
"""

from airflow.sdk import chain

from include.pipeline import source_dag
from include.sources.page_feedback import PAGE_FEEDBACK

with source_dag(PAGE_FEEDBACK, __doc__) as feedback:
    chain(feedback.sync(), feedback.transform(), feedback.unload(), feedback.release())
