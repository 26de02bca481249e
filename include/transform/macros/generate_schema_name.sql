{# include/warehouse.py derives the same names from the same two environment variables. #}
{% macro generate_schema_name(custom_schema_name, node) %}
    {%- set environment = env_var('DDRC_ENV', 'DEV') | upper -%}
    {%- set prefix = env_var('DDRC_SCHEMA_PREFIX', 'DEVELOPER') | upper -%}
    {%- if environment not in ['DEV', 'PRD'] -%}
        {%- set message = "DDRC_ENV is '" ~ environment ~ "'; set it to DEV or PRD." -%}
        {{ exceptions.raise_compiler_error(message) }}
    {%- elif custom_schema_name is none -%}
        {{ prefix if environment == 'DEV' else 'PUBLIC' }}
    {%- elif environment == 'PRD' -%}
        {{ custom_schema_name | upper }}
    {%- else -%}
        {{ prefix }}_{{ custom_schema_name | upper }}
    {%- endif -%}
{% endmacro %}
