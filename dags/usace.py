"""
### What it loads
The state of every parcel in the Army Corps of Engineers' phase 2 debris removal, about
twelve thousand polygons, into `USACE_AGOL_DEBRIS.PARCEL_DEBRIS_REMOVAL`. Its metrics are
`phase2_roes_accepted`, `phase2_parcels_in_queue` and `phase2_parcels_completed`.

### Where from
An older ArcGIS MapServer layer, `USACE_Debris_Parcels_Southern_California_Public`. It has no edit
time, so the metrics carry the time of the load. If the rows are the same as at the last complete
run, the remaining tasks are skipped, unless the last load is 20 hours old.

### What breaks
The server has been down for weeks at a time, sends an incomplete certificate chain, and its owner
adds and renames fields without notice. `load` then fails, names what it expected and found, and
leaves the table as it was; the public file keeps its last values.

### What to do
- Server down: wait, and clear `load` when it is back. Pause this DAG during an announced outage.
- Certificate error: renew the CA bundle that the connection `source_usace` names.
- Renamed fields: update the staging model, then clear `load`.
"""

from airflow.sdk import chain

from include.pipeline import source_dag
from include.sources.usace import USACE

with source_dag(USACE, __doc__) as usace:
    chain(usace.load(), usace.transform(), usace.unload(), usace.release())
