{% macro union_built(relations) %}
select
    null::varchar as metric_name,
    null::number(38, 2) as metric_value,
    null::varchar as metric_type,
    null::varchar as metric_unit_label,
    null::varchar as update_frequency,
    null::timestamp_ntz(9) as last_updated
where false
    {%- for relation in relations %}
        {#- A unit test's input is a CTE, which no catalog lists. #}
        {%- if execute and (relation.is_cte or load_relation(relation) is not none) %}
union all
select
    metric_name,
    metric_value,
    metric_type,
    metric_unit_label,
    update_frequency,
    last_updated
from {{ relation }}
        {%- endif %}
    {%- endfor %}
{% endmacro %}


{% macro union_computed() %}
    {%- set sources = env_var('DDRC_COMPUTED_SOURCES', '').split() -%}
    {%- if execute and not sources -%}
        {{ exceptions.raise_compiler_error(
            'DDRC_COMPUTED_SOURCES is not set, so the sources of the summary are unknown. Set it:'
            ~ ' export DDRC_COMPUTED_SOURCES="$(python -m include.sources)"'
        ) }}
    {%- endif -%}
    {%- set relations = [] -%}
    {%- for source_name in sources -%}
        {%- do relations.append(ref(source_name ~ '_metrics')) -%}
    {%- endfor -%}
    {{ union_built(relations) }}
{% endmacro %}
