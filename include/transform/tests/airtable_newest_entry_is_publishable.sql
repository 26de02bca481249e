-- Entries that staff should correct, because they are not published: each one without a machine
-- name, and the newest of a name if it breaks a rule. The value that counts instead is from the
-- newest entry that breaks none.
{{ config(severity='warn') }}

with entries as (

    select
        record_id,
        metric_name,
        metric_value,
        created_at,
        {{ entry_problem() }} as broken_rule,
        row_number() over (
            partition by metric_name
            order by created_at desc, synced_at desc nulls last, record_id desc
        ) as age
    from {{ ref('stg_airtable__metrics') }}

),

counting as (

    select
        metric_name,
        metric_value
    from entries
    where broken_rule is null
    qualify row_number() over (partition by metric_name order by age) = 1

)

select
    entries.record_id,
    entries.metric_name,
    entries.broken_rule,
    counting.metric_value as value_that_counts
from entries
left join counting on entries.metric_name = counting.metric_name
where
    entries.broken_rule is not null
    and (entries.metric_name is null or entries.age = 1)
