{#
    Fails for each metric that `metric_definitions` lists for the source and the mart lacks, or
    the other way round. A mart without any row is one whose raw table is empty.
#}
{% test holds_declared_metrics(model, source_name) %}

with declared as (
    {%- for metric in var('metric_definitions')[source_name] %}
    select '{{ metric.name }}' as metric_name
    {%- if not loop.last %} union all{% endif %}
    {%- endfor %}
)

select coalesce(declared.metric_name, held.metric_name) as metric_name
from declared
full outer join {{ model }} as held on declared.metric_name = held.metric_name
where
    (declared.metric_name is null or held.metric_name is null)
    and exists (select 1 from {{ model }})

{% endtest %}
