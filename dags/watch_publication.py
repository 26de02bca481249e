"""
### What it watches
Every 15 minutes, independently of the other DAGs:
- `watch_public_file` checks that the public file exists, meets its contract, is the last version
  that was promoted, that what the sources have released is public within an hour unless a person
  stops it, that a restore has finished, that no hold is forgotten, and that each metric is as fresh
  as its frequency promises. A fault counts if it lasts for half a minute. At the end it writes the
  heartbeat that GitHub reads from outside.
- `watch_dags` finds failed tasks that no message has reported, for example killed ones, and closes
  incidents whose tasks are green, marked or removed. It also finds DAG files that do not parse,
  runs that hang, and DAGs that are paused, missing or overdue. It also warns 30 and 7 days before a
  secret ends.
- `watch_credits` reads once an hour, without a warehouse, how much of the month's quota of
  Snowflake credits is used, and warns at 50 and 80 %: at 100 % every warehouse stops.
- `keep_incident_log` writes incidents to the warehouse and sends Slack the messages that it missed.

The watches remind of open incidents when offices open, and hand a high one over when they close.

### What breaks
A finding is an incident and fails no task. A task fails only if it cannot check: the storage
account, Airflow's API or the warehouse does not answer.

### What to do
About a finding: its message says what. About a failed task: the next run tries again in 15 minutes;
if it fails again, check the connection that its error names.
"""

from airflow.sdk import DAG

from include.pipeline import (
    EVERY_15_MINUTES,
    keep_incident_log,
    watch_credits,
    watch_dags,
    watch_public_file,
)

with DAG("watch_publication", doc_md=__doc__, tags=["publication"], **EVERY_15_MINUTES):
    watch_public_file()
    watch_dags()
    watch_credits()
    keep_incident_log()
