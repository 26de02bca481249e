"""Acceptance of a development account: `python -m tools.acceptance`; see docs/acceptance.md.

It sends the statements that the pipeline sends, through the pipeline's own code, with the logins of
its Airflow connections, and reports what the account answers.
"""
