"""Snowflake on a laptop: fakesnow's server, plus the features that fakesnow lacks.

Unmodified clients connect over TLS, as they connect to Snowflake. Its tables are DuckDB files.
"""
