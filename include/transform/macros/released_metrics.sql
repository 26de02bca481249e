{# include/warehouse.py derives the same name. #}
{% macro released_metrics(sources) %}
select
    split_part(split_part(metadata$filename, '/', -1), '.', 1) as source_name,
    $1:"METRIC_NAME"::varchar as metric_name,
    $1:"METRIC_VALUE"::number(38, 2) as metric_value,
    $1:"METRIC_TYPE"::varchar as metric_type,
    $1:"METRIC_UNIT_LABEL"::varchar as metric_unit_label,
    $1:"UPDATE_FREQUENCY"::varchar as update_frequency,
    {{ utc_time('$1:"LAST_UPDATED"::varchar') }}::timestamp_ntz(9) as last_updated
from @analytics_ddrc_{{ env_var('DDRC_ENV', 'DEV') | lower }}.public.released_ddrc
    (pattern => '(.*/)?({{ sources | join("|") }})[.]json')
{% endmacro %}


{% macro computed_sources() %}
    {%- set sources = env_var('DDRC_COMPUTED_SOURCES', '').split() if execute else [] -%}
    {%- if execute and not sources -%}
        {{ exceptions.raise_compiler_error(
            'DDRC_COMPUTED_SOURCES is not set, so the sources of the summary are unknown. Set it:'
            ~ ' export DDRC_COMPUTED_SOURCES="$(python -m include.sources)"'
        ) }}
    {%- endif -%}
    {{ return(sources) }}
{% endmacro %}
