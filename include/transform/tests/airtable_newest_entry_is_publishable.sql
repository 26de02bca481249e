-- Entries that staff should fix, because the page does not show them: each one without a machine
-- name, and the newest of a name if it lacks a value, a type or a unit label, or if it is a count
-- that is negative or not whole.
{{ config(severity='warn') }}

select
    record_id,
    metric_name,
    metric_value,
    metric_type,
    created_at
from {{ ref('stg_airtable__metrics') }}
qualify
    not {{ is_publishable_entry() }}
    and (
        metric_name is null
        or row_number() over (
            partition by metric_name
            order by created_at desc, synced_at desc nulls last, record_id desc
        ) = 1
    )
