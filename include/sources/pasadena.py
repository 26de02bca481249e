"""Pasadena's permits for rebuilding after the Eaton fire: an ArcGIS layer."""

from include.sources.kinds import ArcgisLayer, Expectations, RawTable
from include.sources.source import Source

PASADENA = Source(
    "pasadena",
    ArcgisLayer(
        name="pasadena",
        url=(
            "https://services2.arcgis.com/zNjnZafDYCAJAbN0/arcgis/rest/services"
            "/Eaton_Fire_Rebuild_Permits/FeatureServer/0"
        ),
        key="PERMIT_NUMBER",
        table=RawTable("PASADENA_AGOL", "EATON_FIRE_REBUILD_PERMITS"),
        required=("PERMIT_NUMBER", "PERMIT_STATUS"),
        # About a hundred permits: one in ten may be withdrawn as a duplicate of another.
        expects=Expectations(share=0.9),
    ),
)
