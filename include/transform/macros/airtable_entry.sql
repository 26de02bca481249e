{#
    Whether an Airtable entry can be shown: it has everything that the published file must hold,
    and a count is whole and not negative. Read by the mart and by the test that warns of the rest.
#}
{% macro is_publishable_entry() -%}
    coalesce(
        metric_name is not null
        and metric_value is not null
        and metric_type is not null
        and metric_unit_label is not null
        and created_at is not null
        and (metric_type != 'count' or (metric_value >= 0 and metric_value = floor(metric_value))),
        false
    )
{%- endmacro %}


{# Whether the frequency is one that the published file may hold. #}
{% macro is_known_frequency() -%}
    update_frequency in (
        {%- for frequency in var('update_frequencies') -%}
            '{{ frequency }}' {{- ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}


{# The first element of a linked-record array, trimmed; null if there is none or it is blank. #}
{% macro first_text(array_column) -%}
    nullif(trim({{ array_column }}[0]::varchar), '')
{%- endmacro %}
