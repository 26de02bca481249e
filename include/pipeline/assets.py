"""The assets by which a source tells that its metrics changed."""

from airflow.sdk import Asset

from include.sources import SOURCES

SOURCE_ASSETS = {source: Asset(f"metrics_of_{source}") for source in SOURCES}
