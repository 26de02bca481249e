-- What staff typed last and the page will not show: an entry without a machine name, or the
-- newest of its name when it lacks a value, a type or a unit label, or is no whole count.
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
