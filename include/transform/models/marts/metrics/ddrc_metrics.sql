{%- set staff_entered_marts = [ref('airtable_metrics')] -%}

with computed as (
    {{ union_computed() }}
),

staff_entered as (
    {{ union_built(staff_entered_marts) }}
)

select
    metric_name,
    metric_value,
    metric_type,
    metric_unit_label,
    update_frequency,
    last_updated
from computed

union all

-- A computed metric replaces the staff-entered one of its name. Until its source has been loaded
-- for the first time, the staff-entered value is the best available.
select
    metric_name,
    metric_value,
    metric_type,
    metric_unit_label,
    update_frequency,
    last_updated
from staff_entered
where not exists (
    select 1 from computed
    where computed.metric_name = staff_entered.metric_name
)
