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


{% macro is_known_frequency() -%}
    update_frequency in ('{{ var("update_frequencies") | join("', '") }}')
{%- endmacro %}


{% macro first_text(array_column) -%}
    nullif(trim({{ array_column }}[0]::varchar), '')
{%- endmacro %}
