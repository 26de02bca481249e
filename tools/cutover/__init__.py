"""Hands over from the earlier project in the same Snowflake account; docs/cutover.md says when.

Nothing here deletes, replaces or overwrites anything: the earlier tables hold the only history of
2025. `tests/tools/cutover` reads every statement that can be sent.
"""
