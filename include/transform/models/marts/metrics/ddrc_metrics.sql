{%- set kept_by_hand_marts = [ref('airtable_metrics')] -%}

with computed as (
    {{ union_computed() }}
),

kept_by_hand as (
    {{ union_built(kept_by_hand_marts) }}
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

-- A computed metric wins over the hand-kept one of its name. Until its source has been loaded
-- for the first time, the hand-kept value is the best there is.
select
    metric_name,
    metric_value,
    metric_type,
    metric_unit_label,
    update_frequency,
    last_updated
from kept_by_hand
where not exists (
    select 1 from computed
    where computed.metric_name = kept_by_hand.metric_name
)
