"""
### What it publishes
`ddrc-metrics.json`, the file that the public recovery page reads: every metric that a
source computes, and every hand-kept one that no source computes.

### When it runs
Whenever a source's metrics changed, once for a burst of them. A source that failed, is stale or
is paused contributes its last good values with their old times.

### What breaks
The summary does not keep its contract: a test in `transform`, or `audit`, which reads the
unloaded candidate itself. The public file stays as it was. A change that is odd but valid starts
a run of `approve_change`, where a person decides. `verify` reads the public address: if it
fails, the public sees something wrong.

### What to do
Read the failed task's last log lines, mend what they name, then clear that task. If `verify`
failed, restore a version with `restore_metrics`. If `promote` says that the served file changed,
clear `audit`.
"""

from airflow.sdk import DAG, chain

from include.pipeline import (
    ON_ANY_SOURCE,
    ask_a_person,
    audit_candidate,
    promote_candidate,
    record_published,
    transform,
    unload,
    verify_served,
    wait_for_sources,
)

with DAG("publish_metrics", doc_md=__doc__, tags=["publication"], **ON_ANY_SOURCE):
    audit, promoted = audit_candidate("ddrc_metrics"), promote_candidate()
    chain(wait_for_sources(), transform("publish"), unload("ddrc_metrics"), audit)
    chain(audit, promoted, verify_served(promoted), record_published(promoted))
    chain(audit, ask_a_person())
