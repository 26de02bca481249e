"""Writing a raw table in Snowflake: all of a load's rows, or none."""

from include.loaders.raw.replace_table import RawLoad, replace_table

__all__ = ["RawLoad", "replace_table"]
