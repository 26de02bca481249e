{% test holds_declared_metrics(model) %}
{%- set mart = graph.get('nodes', {}).get('model.' ~ project_name ~ '.' ~ model.identifier, {}) %}

with declared as (
    {{ metric_definitions(mart) }}
)

select coalesce(declared.metric_name, built.metric_name) as metric_name
from declared
full outer join {{ model }} as built on declared.metric_name = built.metric_name
where
    (declared.metric_name is null or built.metric_name is null)
    -- A mart without rows is one whose raw table is empty.
    and exists (select 1 from {{ model }})

{% endtest %}
