"""The assets by which a source tells that its metrics changed."""

from airflow.sdk import Asset

SOURCES = ("airtable", "page_feedback", "epa", "usace", "pasadena", "malibu")

SOURCE_ASSETS = {source: Asset(f"metrics_of_{source}") for source in SOURCES}
