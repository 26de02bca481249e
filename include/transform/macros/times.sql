{#-
    A time that a source wrote, as TIMESTAMP_NTZ in UTC: from a timestamp of any kind, a text or a
    number. It depends on no parameter of the session: TIMEZONE is America/Los_Angeles unless set,
    and a cast between kinds of timestamps, CONVERT_TIMEZONE without a source zone and the text of a
    time follow it.

    A VARIANT knows the type of its value, so the expression serves a column of each type:
    https://docs.snowflake.com/en/sql-reference/functions/as_timestamp
-#}
{% macro utc_time(column) -%}
    to_timestamp_ntz(
        coalesce(
            {{ microseconds_of_timestamp(column) }},
            {{ microseconds_of_number(column) }},
            {{ microseconds_of_text(column) }}
        ),
        6
    )
{%- endmacro %}


{#- A TIMESTAMP_NTZ is in UTC, and so is its epoch; the epoch of the others is that of the instant. -#}
{% macro microseconds_of_timestamp(column) -%}
    coalesce(
        date_part('epoch_microsecond', as_timestamp_ntz(to_variant({{ column }}))),
        date_part('epoch_microsecond', as_timestamp_tz(to_variant({{ column }}))),
        date_part('epoch_microsecond', as_timestamp_ltz(to_variant({{ column }})))
    )
{%- endmacro %}


{#-
    Since 1970, in a unit that the number's size decides, with the bounds that TO_TIMESTAMP has for
    digits in a text. Seconds up to the year 2969, milliseconds from 1971 on.
    https://docs.snowflake.com/en/sql-reference/functions/to_timestamp#usage-notes
-#}
{% macro microseconds_of_number(column) -%}
    {%- set number = number_of(column) -%}
    case
        when abs({{ number }}) < 31536000000 then {{ number }} * 1000000
        when abs({{ number }}) < 31536000000000 then {{ number }} * 1000
        when abs({{ number }}) < 31536000000000000 then {{ number }}
        else {{ number }} / 1000
    end::number(38, 0)
{%- endmacro %}


{% macro number_of(column) -%}
    try_to_decimal(to_variant({{ column }})::varchar, 28, 6)
{%- endmacro %}


{#- A text without an offset is in UTC. -#}
{% macro microseconds_of_text(column) -%}
    {%- set text = 'as_varchar(to_variant(' ~ column ~ '))' -%}
    iff(
        regexp_like({{ text }}, '.*:[0-9]{2}.*([zZ]|[+-][0-9]{2}(:?[0-9]{2})?)[[:space:]]*'),
        date_part('epoch_microsecond', try_to_timestamp_tz({{ text }})),
        date_part('epoch_microsecond', try_to_timestamp_ntz({{ text }}))
    )
{%- endmacro %}
