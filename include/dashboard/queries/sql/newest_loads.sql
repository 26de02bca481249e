with loads as (
    select
        *,
        lag(row_count) over (
            partition by table_name, outcome like '%failure'
            order by loaded_at
        ) as rows_before
    from {{ loading }}.load_log
),

raw_tables as (
    select
        -- The log has the names of the city's lists; they are one source.
        iff(table_name like '%.MALIBU_REBUILDS.%', 'malibu', source) as source_name,
        table_name
    from loads
    group by source_name, table_name
),

good as (
    select *
    from loads
    where outcome not like '%failure'
    qualify row_number() over (partition by table_name order by loaded_at desc) = 1
),

failed_since as (
    select
        loads.table_name,
        count(*) as failures,
        max_by(loads.reason, loads.loaded_at) as reason
    from loads
    left join good on loads.table_name = good.table_name
    where
        loads.outcome like '%failure'
        and (good.loaded_at is null or loads.loaded_at > good.loaded_at)
    group by loads.table_name
)

select
    raw_tables.source_name,
    raw_tables.table_name,
    good.loaded_at,
    good.row_count,
    good.rows_before,
    good.seconds,
    good.source_edited_at,
    coalesce(failed_since.failures, 0) as failures_since,
    failed_since.reason
from raw_tables
left join good on raw_tables.table_name = good.table_name
left join failed_since on raw_tables.table_name = failed_since.table_name
order by raw_tables.source_name, raw_tables.table_name
