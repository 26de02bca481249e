"""Page feedback: the recovery site's feedback forms in DynamoDB, synced by Fivetran."""

from include.sources.kinds import FivetranConnector, RawTable
from include.sources.source import Source

PAGE_FEEDBACK = Source(
    "page_feedback",
    FivetranConnector(
        name="page_feedback",
        connector_variable="fivetran_connector_page_feedback",
        service="dynamodb",
        key="FEEDBACK_KEY",
        keeps_deleted=True,
        table=RawTable("ODI_DYNAMODB", "LA_FIRES_PAGE_FEEDBACK"),
    ),
    metrics="for analysis",
)
