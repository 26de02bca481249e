"""
### What it publishes
`ddrc-metrics.json`, the file that the public recovery page reads: every metric that a source
computes, and every hand-maintained metric that no source computes.

### When it runs
Whenever a source's metrics have changed, once for several sources that end together, and twice an
hour by the clock. `settle` compares what the sources have released with the public file: if nothing
differs, publishing is held, or a person is asked already, the other tasks are skipped. A source
that failed, is stale or is paused contributes its last good values with their old times.

### What breaks
- `transform` or `audit`: the new metrics are invalid. The public file stays as it was.
- `verify`: the public address does not serve what was promoted. **The public may see something
  wrong.**

A valid but suspicious change fails nothing: `ask_a_person` starts a run of `approve_change`, in
which a person decides.

### What to do
Read the failed task's last log lines, fix what they name, then clear the task. If `verify` failed,
restore a version with `restore_metrics`. A skipped `promote` says why; the next run compares again.
"""

from airflow.sdk import DAG, chain

from include.pipeline import (
    ON_ANY_SOURCE_AND_BY_THE_CLOCK,
    ask_a_person,
    audit_candidate,
    promote_candidate,
    record_published,
    transform,
    unload,
    verify_served,
    wait_for_sources,
)

with DAG("publish_metrics", doc_md=__doc__, tags=["publication"], **ON_ANY_SOURCE_AND_BY_THE_CLOCK):
    audit, promoted = audit_candidate("ddrc_metrics"), promote_candidate()
    chain(wait_for_sources(), transform("publish"), unload("ddrc_metrics"), audit)
    chain(audit, promoted, verify_served(promoted), record_published(promoted))
    chain(audit, ask_a_person())
