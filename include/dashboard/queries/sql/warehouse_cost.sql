with tagged as (
    select
        -- The view's times follow the session's time zone; their epoch does not.
        convert_timezone(
            'UTC',
            'America/Los_Angeles',
            to_timestamp_ntz(date_part('epoch_millisecond', start_time), 3)
        )::date as started_on,
        try_parse_json(query_tag) as labels,
        coalesce(warehouse_name, 'none') as compute,
        execution_status,
        total_elapsed_time / 1000 as elapsed_seconds,
        bytes_scanned
    from {{ account_usage }}.query_history
    -- Most statements of an account have other tags or none: this skips parsing them.
    where
        start_time >= to_timestamp_ltz(date_part('epoch_millisecond', {{ since }}), 3)
        and startswith(query_tag, '{')
),

labelled as (
    select
        *,
        coalesce(labels:source::varchar, 'none') as source_name,
        coalesce(labels:dag::varchar, 'none') as dag_id
    from tagged
    where labels:app::varchar = 'ddrc'
)

select
    started_on,
    source_name,
    dag_id,
    compute,
    count(*) as statement_count,
    count_if(execution_status <> 'SUCCESS') as failures,
    sum(elapsed_seconds) as seconds_elapsed,
    sum(bytes_scanned) as scanned,
    sum(elapsed_seconds) / nullif(sum(sum(elapsed_seconds)) over (), 0) as part_of_all
from labelled
group by started_on, source_name, dag_id, compute
order by started_on, source_name, dag_id, compute
