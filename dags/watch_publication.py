"""
### What it watches
Every 15 minutes, independently of the other DAGs:
- `watch_public_file` checks that the public file exists, meets its contract, is the last version
  that was promoted, that what the sources have released is public within an hour unless a person
  stops it, that a restore has finished, and that each metric is as fresh as its frequency promises.
- `watch_dags` checks for DAG files that do not parse, runs that hang, and sources that are paused
  or have not completed a run for three hours.
- `keep_incident_log` writes incidents to the warehouse and sends Slack the messages that it missed.

### What breaks
A failed task is a finding, not a fault of this DAG. Each finding is reported once; while it lasts,
the task is skipped.

### What to do
The message names the finding.
- Somebody changed the public file: restore a version with `restore_metrics`.
- A metric is too old: check its source's DAG.
- A source is paused: ask who paused it, and why.
"""

from airflow.sdk import DAG

from include.pipeline import EVERY_15_MINUTES, keep_incident_log, watch_dags, watch_public_file

with DAG("watch_publication", doc_md=__doc__, tags=["publication"], **EVERY_15_MINUTES):
    watch_public_file()
    watch_dags()
    keep_incident_log()
