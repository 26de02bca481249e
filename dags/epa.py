"""
### What it loads
The status of every parcel in the EPA's phase 1 clean-up (hazardous materials), about ten
thousand polygons, into `EPA_AGOL_ASSESSMENT.PUBLIC_STATUS_ASSESSMENT`. Its metric is
`cleanup_phase1_complete`.

### Where from
The ArcGIS FeatureServer layer `SoCalFires2025_PublicStatusNightly`, which the EPA rewrites each
night. The metric carries the layer's last edit time. If the layer was not edited since the last
complete run, the remaining tasks are skipped.

### What breaks
The service returns an error, fewer rows than it counts, or other columns than before: `load` fails
and the table keeps the last complete load. A failed test in `transform` stops the run before the
metrics change. Either way the public file keeps its last values.

### What to do
Read the last log lines of the failed task: they name the request and quote the service. When the
service is back, clear the task. To switch the source off, pause this DAG: its last good values stay
public.
"""

from airflow.sdk import chain

from include.pipeline import source_dag
from include.sources.epa import EPA

with source_dag(EPA, __doc__) as epa:
    chain(epa.skip_unless_edited(), epa.load(), epa.transform(), epa.unload(), epa.release())
