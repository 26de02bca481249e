{% macro metric_rows(counts, rows, time='coalesce(max(source_edited_at), max(loaded_at))') %}
select
    counted.metric_name::varchar as metric_name,
    counted.metric_value::number(38, 2) as metric_value,
    defined.metric_type::varchar as metric_type,
    defined.metric_unit_label::varchar as metric_unit_label,
    defined.update_frequency::varchar as update_frequency,
    loaded.last_updated::timestamp_ntz(9) as last_updated
from {{ counts }} as counted
-- A raw table without rows gives no metrics: a 0 would claim a count that nobody made.
cross join (
    select {{ time }} as last_updated from {{ rows }} having count(*) > 0
) as loaded
left join (
    {{ metric_definitions(model) }}
) as defined on counted.metric_name = defined.metric_name
{% endmacro %}


{% macro metric_definitions(node) %}
    {#- A unit test's node has no definitions, so its metrics have no words. #}
    {%- for metric in node.get('config', {}).get('meta', {}).get('metrics', []) %}
    select
        {{ literal(metric.name) }} as metric_name,
        {{ literal(metric.type) }} as metric_type,
        {{ literal(metric.unit_label) }} as metric_unit_label,
        {{ literal(metric.frequency) }} as update_frequency
    union all
    {%- endfor %}
    select
        null::varchar as metric_name,
        null::varchar as metric_type,
        null::varchar as metric_unit_label,
        null::varchar as update_frequency
    where false
{% endmacro %}


{% macro literal(text) -%}
    {{ "null" if text is none or text is undefined else "'" ~ (text | replace("'", "''")) ~ "'" }}
{%- endmacro %}
