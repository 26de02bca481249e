"""
### What it loads
Pasadena's permits for rebuilding after the Eaton fire, about a hundred, into
`PASADENA_AGOL.EATON_FIRE_REBUILD_PERMITS`. Its metrics are
`pasadena_rebuild_applications_received`, `pasadena_rebuild_applications_in_review` and
`pasadena_building_permits_issued`.

### Where from
The city's ArcGIS FeatureServer layer `Eaton_Fire_Rebuild_Permits`. The key is the permit number,
because the layer's object ids are not stable. If the layer was not edited since the last complete
run, the remaining tasks are skipped.

### What breaks
The service returned no rows for weeks in 2025. An empty response fails `load` and leaves the table
as it was: missing data never shows up as 0.

### What to do
Read the failed task's last log lines. When the service is back, clear `load`. If the city may have
withdrawn permits, ask its planning department, then trigger the DAG with *Accept a drop in rows*.
"""

from airflow.sdk import chain

from include.pipeline import source_dag
from include.sources.pasadena import PASADENA

with source_dag(PASADENA, __doc__) as pasadena:
    chain(
        pasadena.skip_unless_edited(),
        pasadena.load(),
        pasadena.transform(),
        pasadena.unload(),
        pasadena.release(),
    )
