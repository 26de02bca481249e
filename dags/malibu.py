"""
### What it loads
Malibu's rebuild projects, site visits and permit totals into the four tables of
`MALIBU_REBUILDS`. Its metrics are `malibu_rebuild_applications_received`,
`malibu_rebuild_applications_in_review` and `malibu_building_permits_issued`.

### Where from
Four JSON lists of the city's rebuild dashboard. They have no edit time, so the metrics carry the
time of the load. `look_for_changes` reads the lists first: if one has changed, all are loaded;
otherwise the remaining tasks are skipped, unless the last load is 20 hours old.

### What breaks
The server is flaky: it times out or returns an error page. Each list has its own task with retries.
If a task fails, its table keeps the last complete load and the run stops, so that the four tables
never disagree in public.

### What to do
Read the failed task's last log lines, then clear that task; the other three need no rerun. If a
field is missing, the city has changed the list: update its declaration in `include/sources/` and
the staging model.
"""

from airflow.sdk import chain

from include.pipeline import source_dag
from include.sources.malibu import MALIBU

with source_dag(MALIBU, __doc__) as malibu:
    chain(
        malibu.skip_unless_changed(),
        malibu.load(),
        malibu.transform(),
        malibu.unload(),
        malibu.release(),
    )
