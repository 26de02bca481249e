"""
### What it is for
Putting an earlier version of the public file back within a minute, and later letting
automatic publishing go on.

### When it runs
When somebody triggers it. *Trigger* asks what to do, which version, and why. Without a version,
`choose` lists the kept ones, each with what differs from now, under *Required actions*.

### What breaks
A version that is not kept, or a served file that changes at the same moment: `promote` says so and
nothing is changed. If `verify` fails, the public address does not serve what was restored.

### What to do
Restore; tell the team; mend the cause; then trigger this again and release the hold: until then
nothing else is published.
"""

from airflow.sdk import DAG, chain

from include.pipeline import (
    MANUAL,
    RESTORE_PARAMS,
    choose_version,
    record_published,
    restore_version,
    verify_served,
)

with DAG("restore_metrics", doc_md=__doc__, tags=["publication"], params=RESTORE_PARAMS, **MANUAL):
    restored = restore_version()
    chain(choose_version(), restored, verify_served(restored), record_published(restored))
