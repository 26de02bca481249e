"""
### What it is for
To put an earlier version of the public file back within a minute, and to resume automatic
publishing later. Beside an earlier system it also makes the switch (*release the hold*) and the way
back (*hold publishing until the switch*).

### When it runs
When somebody triggers it: the page *Publication* has a form for each version. The parameters are
what to do, which version, and why. Without a version, `choose` lists the saved ones under *Required
actions* by their time in California and what would change, and `confirm` asks once more.

A run restores or releases once: clearing it later changes nothing that was published since.

### What breaks
If no saved version has the name, the run is skipped and nothing is changed. `promote` fails if the
storage account does not answer: publishing may be held by then, so clear it. `verify` fails if the
public address does not serve the restored version.

### What to do
Restore, notify the team, and fix the cause. Then trigger `release_hold`: until then nothing else is
published. The release starts a publication.
"""

from airflow.sdk import DAG, chain

from include.pipeline import (
    MANUAL,
    RESTORE_PARAMS,
    choose_version,
    confirm_version,
    publish_released,
    record_published,
    release_hold,
    restore_version,
    verify_served,
)

with DAG("restore_metrics", doc_md=__doc__, tags=["publication"], params=RESTORE_PARAMS, **MANUAL):
    restored = restore_version()
    chain(choose_version(), confirm_version(), restored)
    chain(restored, verify_served(restored), record_published(restored))
    chain(release_hold(), publish_released())
