{#
    One row per metric that `metric_definitions` lists for the source, in the marts' shape.

    `counts` names a CTE of one row that has a column per metric, `last_updated` and
    `loaded_rows`. A raw table without rows gives no metrics: a 0 would claim a count that
    nobody made.
#}
{% macro metric_rows(source_name, counts) %}
    {%- for metric in var('metric_definitions')[source_name] %}
select
    '{{ metric.name }}'::varchar as metric_name,
    {{ metric.name }}::number(38, 2) as metric_value,
    '{{ metric.type }}'::varchar as metric_type,
    '{{ metric.unit_label }}'::varchar as metric_unit_label,
    '{{ metric.frequency }}'::varchar as update_frequency,
    last_updated::timestamp_ntz(9) as last_updated
from {{ counts }}
where loaded_rows > 0
        {%- if not loop.last %}
union all
        {%- endif %}
    {%- endfor %}
{% endmacro %}


{# The time that a loaded source's metrics carry: its own last edit, else the load's. #}
{% macro last_updated() -%}
    coalesce(max(source_edited_at), max(loaded_at))
{%- endmacro %}
