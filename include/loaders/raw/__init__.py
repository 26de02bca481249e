"""The raw tables in Snowflake: all of a load's rows are written, or none."""
