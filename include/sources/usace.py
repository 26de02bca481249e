"""The Army Corps of Engineers' phase 2 debris removal: one layer of an old ArcGIS MapServer."""

from include.sources.kinds import ArcgisLayer, Expectations, RawTable
from include.sources.source import Source

USACE = Source(
    "usace",
    ArcgisLayer(
        name="usace",
        url=(
            "https://jecop-public.usace.army.mil/arcgis/rest/services"
            "/USACE_Debris_Parcels_Southern_California_Public/MapServer/0"
        ),
        key="OBJECTID",
        table=RawTable("USACE_AGOL_DEBRIS", "PARCEL_DEBRIS_REMOVAL"),
        required=(
            "OBJECTID",
            "event_sub_name",
            "ma",
            "roe_details",
            "roe_status",
            "roe_approved",
            "roe_submitted",
            "fso_pkg_approved",
        ),
        # Parcels that turn out ineligible leave the layer by the dozen, out of twelve thousand.
        expects=Expectations(share=0.95),
    ),
)
