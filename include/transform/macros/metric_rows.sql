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


{% macro last_updated() -%}
    coalesce(max(source_edited_at), max(loaded_at))
{%- endmacro %}
