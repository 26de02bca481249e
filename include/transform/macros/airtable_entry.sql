{#- The rules of include/publishing/contract.py; a test compares the two, one entry for each. -#}
{% macro entry_problem() -%}
    case
        when metric_name is null then 'it has no machine name'
        when not regexp_like(metric_name, '^[A-Za-z0-9_.-]{1,100}$')
            then 'its machine name may have letters, digits, _ - and . only, and no blanks'
        when metric_value is null then 'it has no value'
        when abs(metric_value) >= 1e12 then 'its value is too large'
        when metric_type = 'count' and (metric_value < 0 or metric_value != floor(metric_value))
            then 'a count is whole and not negative'
        when metric_type is null then 'it has no type'
        when {{ is_not_plain('metric_type') }} then 'its type {{ plain_words() }}'
        when metric_unit_label is null then 'it has no unit label'
        when {{ is_not_plain('metric_unit_label') }} then 'its unit label {{ plain_words() }}'
        when created_at < '2025-01-07'::timestamp_ntz then 'it is dated before the fires'
        -- SYSDATE is in UTC; CURRENT_TIMESTAMP is in the session's time zone.
        when created_at > dateadd('minute', 1, sysdate()) then 'it is dated in the future'
    end
{%- endmacro %}


{% macro plain_words() -%}
    must be words: at most 200 characters, without @, markup or line breaks, not like a formula
{%- endmacro %}


{% macro is_not_plain(column) -%}
    (
        length({{ column }}) > 200
        or regexp_like({{ column }}, '.*[@<>[:cntrl:]].*', 's')
        or left({{ column }}, 1) in ('=', '+', '-')
    )
{%- endmacro %}


{% macro is_known_frequency() -%}
    update_frequency in ('{{ var("update_frequencies") | join("', '") }}')
{%- endmacro %}


{% macro is_list(column) -%}
    coalesce(is_array(to_variant({{ column }})), false)
{%- endmacro %}


{% macro first_text(column) -%}
    {#- A linked record's field is a list, or plain text if Airtable allows one record only. -#}
    {%- set first -%}
        iff(
            {{ is_list(column) }},
            get(to_variant({{ column }}), 0),
            to_variant({{ column }})
        )
    {%- endset -%}
    {{ clean_text(first) }}
{%- endmacro %}
