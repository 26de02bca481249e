"""Schemas in the development account: `python -m tools.dev_schemas build | drop PREFIX | expire`.

dbt's schemas in DEV begin with `DDRC_SCHEMA_PREFIX`: a developer's name, or `PR_<number>` of a pull
request. `build` builds and tests the dbt project in them; `drop` removes those of one prefix, and
`expire` those of every prefix that nobody has built in for a month. Everything is done as
TRANSFORMER, with Airflow's connection `snowflake_transformer`.
"""
