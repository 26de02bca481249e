"""
### What it loads
The state of every parcel in the Army Corps of Engineers' phase 2 debris removal, about
twelve thousand polygons, into `USACE_AGOL_DEBRIS.PARCEL_DEBRIS_REMOVAL`. From it come
`phase2_roes_accepted`, `phase2_parcels_in_queue` and `phase2_parcels_completed`.

### Where from
An older ArcGIS MapServer layer, `USACE_Debris_Parcels_Southern_California_Public`. It
declares no time of last edit, so the metrics carry the time of the load. A run that reads the
same rows as before skips the rest, unless the last load is 20 hours old.

### What breaks
The server has been down for weeks at a time, serves its certificate chain incompletely,
and its owner adds and renames fields without notice. `load` then fails, names what it
expected and found, and leaves the table as it was; the public file keeps its last values.

### What to do
Down: nothing but wait; pause this DAG when it is announced to last. A certificate error:
renew the CA bundle that the connection `source_usace` names. Renamed fields: change the
staging model, then clear `load`. Otherwise clear the failed task.
"""

from airflow.sdk import DAG, chain

from include.pipeline import HOURLY, LOAD_PARAMS, load_layer, release_source, transform, unload
from include.sources import USACE

with DAG("usace", doc_md=__doc__, tags=["source", "arcgis"], params=LOAD_PARAMS, **HOURLY):
    chain(load_layer(USACE), transform("usace"), unload("usace_metrics"), release_source("usace"))
