"""
### What it loads
The status of every parcel in the EPA's phase 1 clean-up (hazardous materials), about ten
thousand polygons, into `EPA_AGOL_ASSESSMENT.PUBLIC_STATUS_ASSESSMENT`. From it comes
`cleanup_phase1_complete`.

### Where from
The ArcGIS FeatureServer layer `SoCalFires2025_PublicStatusNightly`, which the EPA writes
anew each night. The layer declares when it was last edited; that is the metric's
time, and a run of a layer that was not edited since the last one skips its work.

### What breaks
The service answers an error, fewer rows than it counts, or other columns than before:
`load` fails and the table keeps the last complete load. A failed test in `transform` stops
before the metrics change. The public file keeps its last values either way.

### What to do
Read the failed task's last log lines: they name the request and the service's own words.
When the service is back, clear the failed task. To switch the source off, pause this DAG:
its last good values stay public.
"""

from airflow.sdk import DAG, chain

from include.pipeline import (
    HOURLY,
    LOAD_PARAMS,
    load_layer,
    release_source,
    skip_unless_edited,
    transform,
    unload,
)
from include.sources import EPA

with DAG("epa", doc_md=__doc__, tags=["source", "arcgis"], params=LOAD_PARAMS, **HOURLY):
    chain(
        skip_unless_edited(EPA),
        load_layer(EPA),
        transform("epa"),
        unload("epa_metrics"),
        release_source("epa"),
    )
