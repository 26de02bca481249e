with publishable as (

    select * from {{ ref('stg_airtable__metrics') }}
    where {{ entry_problem() }} is null

),

-- Staff add an entry each time a metric changes. Of two from the same moment, the later sync
-- counts.
newest as (

    select * from publishable
    qualify row_number() over (
        partition by metric_name
        order by created_at desc, synced_at desc nulls last, record_id desc
    ) = 1

)

select
    metric_name::varchar as metric_name,
    metric_value::number(38, 2) as metric_value,
    metric_type::varchar as metric_type,
    metric_unit_label::varchar as metric_unit_label,
    -- A frequency that the published contract does not have becomes the one that promises nothing.
    iff({{ is_known_frequency() }}, update_frequency, 'as needed')::varchar as update_frequency,
    created_at::timestamp_ntz(9) as last_updated
from newest
