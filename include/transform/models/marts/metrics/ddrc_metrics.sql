{%- set staff_entered = ['airtable'] -%}
{%- set computed = computed_sources() -%}

with released as (
    {{ released_metrics(computed + staff_entered) }}
),

computed as (
    select * from released
    where source_name not in ('{{ staff_entered | join("', '") }}')
),

staff_entered as (
    select * from released
    where source_name in ('{{ staff_entered | join("', '") }}')
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

-- A computed metric replaces the staff-entered one of its name. Until its source has released for
-- the first time, the staff-entered value is the best available.
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
