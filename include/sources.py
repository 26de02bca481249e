"""What each source is: its address, its key and the raw tables it fills.

Facts about the outside world live here and nowhere else. `dags/` chains them,
`include/loaders` loads them, `local/` imitates them.
"""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["text", "integer", "number", "timestamp", "date", "boolean"]


@dataclass(frozen=True)
class RawTable:
    """A table in the raw database: `RAW_DDRC_{ENV}.<schema>.<name>`."""

    schema: str
    name: str


@dataclass(frozen=True)
class Expectations:
    """What a load of a source must bring, or it is taken for broken.

    Attributes:
        rows: The fewest rows that are believable at all.
        share: The source's floor: the smallest part of the last good load's rows that is
            believable, from 0 to 1. How far a source may really shrink within an hour is
            declared with each one.
    """

    rows: int = 1
    share: float = 0.9


@dataclass(frozen=True)
class ArcgisLayer:
    """One layer of an ArcGIS FeatureServer or MapServer.

    `url` is the layer's address, without a query. `key` names the field whose values
    identify a row across loads: the layer's object id where that is stable. `required` names
    the fields without which no metric can be counted: a layer that has lost one is refused.
    """

    name: str
    url: str
    key: str
    table: RawTable
    required: tuple[str, ...] = ()
    expects: Expectations = Expectations()


@dataclass(frozen=True)
class JsonField:
    """A declared field of a JSON list. A required one may be null but not missing."""

    name: str
    type: FieldType
    required: bool = True


@dataclass(frozen=True)
class JsonList:
    """One HTTP endpoint that answers a JSON list of flat objects."""

    name: str
    url: str
    table: RawTable
    fields: tuple[JsonField, ...]
    expects: Expectations = Expectations()


@dataclass(frozen=True)
class FivetranConnector:
    """A Fivetran connector that fills one raw table by itself.

    `connector_variable` names the Airflow Variable that holds the connector's id,
    which differs between environments.
    """

    name: str
    connector_variable: str
    table: RawTable


# Every source; each has a DAG of its own by this name.
SOURCES = ("airtable", "page_feedback", "epa", "usace", "pasadena", "malibu")

_MALIBU = "https://mlb-pptsrv.ci.malibu.ca.us/Home"

EPA = ArcgisLayer(
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
)

USACE = ArcgisLayer(
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
)

PASADENA = ArcgisLayer(
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
)

MALIBU = (
    JsonList(
        name="fire_rebuild_points",
        url=f"{_MALIBU}/FireRebuildPoints/?sFireView=vPalisadesRebuildStatsDetailWithTimes",
        table=RawTable("MALIBU_REBUILDS", "FIRE_REBUILD_POINTS"),
        fields=(
            JsonField("type", "text"),
            JsonField("lat", "number"),
            JsonField("lng", "number"),
            JsonField("projectNumber", "text"),
            JsonField("planningApproved", "text"),
            JsonField("CASETYPE", "text"),
            JsonField("CASECATEGORY", "text"),
            JsonField("STRUCTURES", "integer"),
            JsonField("DAYSTODECISION", "number"),
            JsonField("DAYSTOFIRSTRESPONSE", "number"),
            JsonField("COUNTFORDECISION", "integer"),
            JsonField("COUNTFORFIRSTRESPONSE", "integer"),
        ),
        # Some hundred applications: one in ten may be withdrawn or merged with another.
        expects=Expectations(share=0.9),
    ),
    JsonList(
        name="fire_rebuild_visit_points",
        url=f"{_MALIBU}/FireRebuildVisitPoints",
        table=RawTable("MALIBU_REBUILDS", "FIRE_REBUILD_VISIT_POINTS"),
        fields=(
            JsonField("INITIALVISITS", "integer"),
            JsonField("FOLLOWUPVISITS", "integer"),
        ),
        # One row of two counts.
        expects=Expectations(share=1.0),
    ),
    JsonList(
        name="overall_rebuild_stats_pie_read",
        url=(
            f"{_MALIBU}/OverallRebuildStatsPie_Read?sFireView=PalisadesRebuildStatsDetailWithBPComplete"
        ),
        table=RawTable("MALIBU_REBUILDS", "OVERALL_REBUILD_STATS_PIE_READ"),
        fields=(
            JsonField("REBUILDGROUP", "text"),
            JsonField("REBUILDTYPECOUNT", "integer"),
            JsonField("VALUECOLOR", "text"),
        ),
        # A handful of groups: one that empties is no collapse.
        expects=Expectations(share=0.5),
    ),
    JsonList(
        name="palisades_permits_issued_read",
        url=f"{_MALIBU}/PalisadesPermitsIssued_Read",
        table=RawTable("MALIBU_REBUILDS", "PALISADES_PERMITS_ISSUED_READ"),
        fields=(
            JsonField("PermitType", "text"),
            JsonField("PalisadesPermits", "integer"),
        ),
        # A handful of groups: one that empties is no collapse.
        expects=Expectations(share=0.5),
    ),
)

AIRTABLE = FivetranConnector(
    name="airtable",
    connector_variable="fivetran_connector_airtable",
    table=RawTable("ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G", "METRICS"),
)

PAGE_FEEDBACK = FivetranConnector(
    name="page_feedback",
    connector_variable="fivetran_connector_page_feedback",
    table=RawTable("ODI_DYNAMODB", "LA_FIRES_PAGE_FEEDBACK"),
)
