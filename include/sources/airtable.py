"""Airtable: metrics that staff enter by hand, synced by Fivetran."""

from include.sources.kinds import FivetranConnector, RawTable
from include.sources.source import Source

AIRTABLE = Source(
    "airtable",
    FivetranConnector(
        name="airtable",
        connector_variable="fivetran_connector_airtable",
        service="airtable",
        key="ID",
        table=RawTable("ODI_AIRTABLE_LA_RECOVERY_METRICS_APPL6HFEE8UDLUC3G", "METRICS"),
    ),
    metrics="entered by staff",
)
