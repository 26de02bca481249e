"""
### What it is for
To release the hold that a restore has set, or that lasts until the switch from an earlier system.

### When it runs
When somebody triggers it, with a reason. `publish` then starts a publication, so the public sees
the newest released values as soon as they pass their audit.

### What breaks
The storage account does not answer: `release_hold` fails and the hold stays. Without a hold, the
tasks are skipped and nothing is changed; a hold that is newer than the run stays too.

### What to do
Release the hold when its cause is fixed. To restore another version first, trigger
`restore_metrics`.
"""

from airflow.sdk import DAG, chain

from include.pipeline import MANUAL, RELEASE_PARAMS, publish_released, release_hold

# No run waits for a person, so one at a time is enough.
ONE_AT_A_TIME = {**MANUAL, "max_active_runs": 1}

with DAG(
    "release_hold", doc_md=__doc__, tags=["publication"], params=RELEASE_PARAMS, **ONE_AT_A_TIME
):
    chain(release_hold(), publish_released())
