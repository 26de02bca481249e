"""A year of everything that the dashboard reads, in schemas of its own; filled by SQL alone."""

from datetime import UTC, date, datetime, timedelta

from include import warehouse
from include.incidents import incident_log as incidents
from include.loaders.raw.load_log import COLUMNS as LOAD_LOG
from include.publishing import history
from include.publishing.contract import Metric
from include.publishing.versions import Version
from local import provision
from local.cloud import Cloud
from tests.dashboard.single import events, places

PREFIX, NOTHING = "DASHBOARD", "NOTHING"
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
HOURS = 365 * 24
ACCOUNT_USAGE = f"{warehouse.database('RAW')}.{PREFIX}_USAGE"
LOADING = f"{PREFIX}_LOADING"
# Name, value in the first hour, and by how much it grows in an hour.
METRICS = {
    "pasadena_rebuild_applications_received": (10, 1),
    "pasadena_rebuild_applications_in_review": (5, 0),
    "pasadena_building_permits_issued": (5, 1),
    "phase2_parcels_completed": (1000, 2),
    "people_helped_fema_funds": (1, 1),
}
SOURCES = ("epa", "usace", "malibu")
PAGES = ("/", "/debris", "/rebuild <b>")


def fill(cloud: Cloud) -> None:
    """Make the tables and their rows; `DDRC_SCHEMA_PREFIX` has to be `PREFIX`."""
    metric = Metric.model_validate(
        {
            "METRIC_NAME": "phase2_parcels_completed",
            "METRIC_VALUE": 999,
            "METRIC_TYPE": "count",
            "METRIC_UNIT_LABEL": "parcels completed",
            "UPDATE_FREQUENCY": "daily",
            "LAST_UPDATED": "2025-11-20T12:00:00.000Z",
        }
    )
    began = NOW - timedelta(hours=HOURS)
    history.write_published_metrics(
        lambda: provision.connect(cloud),
        Version("v0", "hash", run="run", audit="valid"),
        began,
        [metric],
    )
    incidents.write_events(lambda: provision.connect(cloud), events(NOW))
    with provision.connect(cloud) as connection, connection.cursor() as cursor:
        for statement in (*_published(), *_loads(), *_feedback(), *_marts(), *_queries()):
            cursor.execute(statement)
        for statement, rows in places():
            cursor.execute(statement)
            cursor.executemany(*rows)


def _hours(count: int = HOURS) -> str:
    """SQL of the last hours, the newest first: `n` hours before `NOW`, at `moment`."""
    return (
        f"(select n, dateadd('hour', -n, '{NOW:%Y-%m-%d %H:%M:%S}'::timestamp_ntz) as moment"
        f" from (select seq4() as n from table(generator(rowcount => {count}))) as numbers)"
    )


def _published() -> list[str]:
    values = ", ".join(
        f"('{name}', {first}, {growth})" for name, (first, growth) in METRICS.items()
    )
    return [
        f"insert into {history.PUBLISHED_METRICS.full_name}"
        " select 'v' || to_varchar(moment), moment, name,"
        f" first + ({HOURS} - n) * growth,"
        " iff(name = 'people_helped_fema_funds', 'dollars - millions', 'count'),"
        f" 'things', 'daily', moment from {_hours()} as hours"
        f" cross join (values {values}) as metrics (name, first, growth)"
    ]


def _loads() -> list[str]:
    schema = f"{warehouse.database('RAW')}.{LOADING}"
    columns = ", ".join(f"{name} {kind}" for name, kind in LOAD_LOG.items())
    sources = ", ".join(f"('{name}')" for name in SOURCES)
    return [
        f"create schema {schema}",
        f"create table {schema}.load_log ({columns})",
        f"insert into {schema}.load_log select source, 'RAW.S.' || upper(source), 'run', moment,"
        " 1000 - n % 2, 5000, 3, 2.5, null, 'hash',"
        " case when source <> 'usace' or n > 1 then 'loaded'"
        " when n = 1 then 'transient failure' else 'permanent failure' end,"
        f" iff(source = 'usace' and n < 2, 'it is down <b>', ''), '[]'"
        f" from {_hours()} as hours cross join (values {sources}) as sources (source)",
    ]


def _feedback() -> list[str]:
    schema = f"{warehouse.database('ANALYTICS')}.{PREFIX}_PAGE_FEEDBACK"
    pages = ", ".join(f"('{name}')" for name in PAGES)
    return [
        f"create schema {schema}",
        f"create table {schema}.feedback_by_page_and_week (page varchar, week_starting date,"
        " responses number(38, 0), helpful_responses number(38, 0), helpful_share number(5, 4))",
        f"insert into {schema}.feedback_by_page_and_week"
        " select page, dateadd('week', -n, '2026-11-16'::date), 10, n % 11, (n % 11) / 10"
        f" from (select seq4() as n from table(generator(rowcount => 52))) as weeks"
        f" cross join (values {pages}) as pages (page)",
    ]


def _marts() -> list[str]:
    schema = f"{warehouse.database('ANALYTICS')}.{PREFIX}_METRICS"
    return [f"create schema {schema}"] + [
        f"create table {schema}.{source}_metrics as select 'a' as metric_name,"
        f" '{NOW - timedelta(hours=5):%Y-%m-%d %H:%M:%S}'::timestamp_ntz as last_updated"
        for source in ("airtable", "page_feedback")
    ]


def _queries() -> list[str]:
    tags = (
        """('{"app":"ddrc","dag":"epa","task":"load","source":"epa"}', 2000)""",
        """('{"app":"ddrc","dag":"usace","task":"load","source":"usace"}', 6000)""",
        """('{"app":"other","dag":"x"}', 9000)""",
        "('plain', 9000), ('{broken', 9000), (null, 9000)",
    )
    return [
        f"create schema {ACCOUNT_USAGE}",
        f"create table {ACCOUNT_USAGE}.query_history (query_id varchar, query_text varchar,"
        " query_tag varchar, role_name varchar, warehouse_name varchar, start_time timestamp_tz,"
        " end_time timestamp_tz, total_elapsed_time number(38, 0), bytes_scanned number(38, 0),"
        " rows_produced number(38, 0), execution_status varchar)",
        f"insert into {ACCOUNT_USAGE}.query_history select 'q', 'select', tag, 'LOADER', 'LOADING',"
        " moment::timestamp_tz, moment::timestamp_tz, elapsed, 100, 1, 'SUCCESS'"
        f" from {_hours()} as hours cross join (values {', '.join(tags)}) as tags (tag, elapsed)",
    ]
