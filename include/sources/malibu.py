"""Malibu's rebuild projects: four JSON lists behind the city's dashboard."""

from include.sources.kinds import Expectations, JsonField, JsonList, RawTable
from include.sources.source import Source

_HOME = "https://mlb-pptsrv.ci.malibu.ca.us/Home"

MALIBU = Source(
    "malibu",
    JsonList(
        name="fire_rebuild_points",
        url=f"{_HOME}/FireRebuildPoints/?sFireView=vPalisadesRebuildStatsDetailWithTimes",
        table=RawTable("MALIBU_REBUILDS", "FIRE_REBUILD_POINTS"),
        fields=(
            JsonField("type", "text"),
            # The city writes degrees as text; staging makes numbers of them.
            JsonField("lat", "text"),
            JsonField("lng", "text"),
            JsonField("projectNumber", "text"),
            JsonField("planningApproved", "text"),
            JsonField("caseType", "text"),
            JsonField("caseCategory", "text"),
            JsonField("structures", "integer"),
            JsonField("daysToDecision", "number"),
            JsonField("daysToFirstResponse", "number"),
            JsonField("countForDecision", "integer"),
            JsonField("countForFirstResponse", "integer"),
        ),
        # Some hundred applications: one in ten may be withdrawn or merged with another.
        expects=Expectations(share=0.9),
    ),
    JsonList(
        name="fire_rebuild_visit_points",
        url=f"{_HOME}/FireRebuildVisitPoints",
        table=RawTable("MALIBU_REBUILDS", "FIRE_REBUILD_VISIT_POINTS"),
        fields=(
            JsonField("InitialVisits", "integer"),
            JsonField("FollowUpVisits", "integer"),
        ),
        # One row of two counts.
        expects=Expectations(share=1.0),
    ),
    JsonList(
        name="overall_rebuild_stats_pie_read",
        url=(
            f"{_HOME}/OverallRebuildStatsPie_Read?sFireView=PalisadesRebuildStatsDetailWithBPComplete"
        ),
        table=RawTable("MALIBU_REBUILDS", "OVERALL_REBUILD_STATS_PIE_READ"),
        fields=(
            JsonField("RebuildGroup", "text"),
            JsonField("RebuildTypeCount", "integer"),
            JsonField("ValueColor", "text"),
        ),
        # A handful of groups: an empty one may disappear.
        expects=Expectations(share=0.5),
    ),
    JsonList(
        name="palisades_permits_issued_read",
        url=f"{_HOME}/PalisadesPermitsIssued_Read",
        table=RawTable("MALIBU_REBUILDS", "PALISADES_PERMITS_ISSUED_READ"),
        fields=(
            JsonField("PermitType", "text"),
            JsonField("PalisadesPermits", "integer"),
        ),
        # A handful of groups: an empty one may disappear.
        expects=Expectations(share=0.5),
    ),
)
