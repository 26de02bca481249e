"""
### What it watches
From outside, every 15 minutes: the public file (is it there, does it keep its contract, is it the
last version that was promoted, is each metric as fresh as its frequency promises), and the
DAGs (files that do not parse, runs that hang, sources that are paused or have not run through).
`keep_incident_log` writes what became of incidents to the warehouse, and tells Slack what it
missed.

### What breaks
Nothing: a failed task here is a finding. It is told once, and again only after it was gone; while
it lasts, the task is skipped.

### What to do
The message names the finding. A file that somebody changed by hand: `restore_metrics`. A metric
that is too old: look at its source's DAG. A paused source: ask who paused it, and why.
"""

from airflow.sdk import DAG

from include.pipeline import EVERY_15_MINUTES, keep_incident_log, watch_dags, watch_public_file

with DAG("watch_publication", doc_md=__doc__, tags=["publication"], **EVERY_15_MINUTES):
    watch_public_file()
    watch_dags()
    keep_incident_log()
