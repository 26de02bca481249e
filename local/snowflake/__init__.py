"""Snowflake on a laptop: fakesnow's server, with what it lacks supplied here.

Stock clients talk to it over TLS as they talk to Snowflake. Its tables are DuckDB files.
"""
