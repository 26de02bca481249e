{% test holds_declared_metrics(model, source_name) %}

with declared as (
    {%- for metric in var('metric_definitions')[source_name] %}
    select '{{ metric.name }}' as metric_name
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
)

select coalesce(declared.metric_name, built.metric_name) as metric_name
from declared
full outer join {{ model }} as built on declared.metric_name = built.metric_name
where
    (declared.metric_name is null or built.metric_name is null)
    -- A mart without rows is one whose raw table is empty.
    and exists (select 1 from {{ model }})

{% endtest %}
