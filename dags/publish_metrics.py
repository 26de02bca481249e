"""
### What it publishes
`ddrc-metrics.json`, the file that the public recovery page reads: every metric that a
source computes, and every hand-kept one that no source computes.

### When it runs
Whenever a source's metrics changed. A source that failed, is stale or is paused contributes
its last good values with their old times.

### What breaks
The summary does not keep its contract (a test in `transform` fails), or the unload cannot
write to the storage account. The public file stays as it was.

### What to do
Read the failed task's last log lines, mend what they name, then clear that task.
"""

from airflow.sdk import DAG, chain

from include.pipeline import ON_ANY_SOURCE, serve_as_json, transform, unload_summary

with DAG("publish_metrics", doc_md=__doc__, tags=["publication"], **ON_ANY_SOURCE):
    chain(transform("publish"), unload_summary(), serve_as_json())
