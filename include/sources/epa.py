"""EPA's phase 1 cleanup: an ArcGIS layer of about ten thousand parcels."""

from include.sources.kinds import ArcgisLayer, Expectations, RawTable
from include.sources.source import Source

EPA = Source(
    "epa",
    ArcgisLayer(
        name="epa",
        url=(
            "https://services.arcgis.com/cJ9YHowT8TU7DUyn/ArcGIS/rest/services"
            "/SoCalFires2025_PublicStatusNightly/FeatureServer/0"
        ),
        key="OBJECTID",
        table=RawTable("EPA_AGOL_ASSESSMENT", "PUBLIC_STATUS_ASSESSMENT"),
        required=("OBJECTID", "PublicStatus", "LandUse"),
        # Phase 1 is over: a parcel may still be withdrawn, a hundred may not.
        expects=Expectations(share=0.99),
    ),
)
