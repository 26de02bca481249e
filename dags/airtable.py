"""
### What it loads
The metrics that staff maintain by hand, with their history, into
`ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G.METRICS`. The newest row of each metric counts.
If another source computes the same metric, the computed value is published.

### Where from
An Airtable base, through a Fivetran connector that this DAG starts and waits for. If the sync has
changed no row, the remaining tasks are skipped.

### What breaks
Fivetran or Airtable is down, or the connector's authorization has expired: `sync` or
`wait_for_sync` fails. Somebody entered a value that cannot be published: a test in `transform`
fails. The public file keeps its last values.

### What to do
- A failed sync: open the connector in Fivetran, fix it, then clear `sync`.
- A failed test: its log names the metric. Have the row corrected in Airtable, then clear `sync`.
"""

from airflow.sdk import chain

from include.pipeline import source_dag
from include.sources.airtable import AIRTABLE

with source_dag(AIRTABLE, __doc__) as airtable:
    chain(airtable.sync(), airtable.transform(), airtable.unload(), airtable.release())
