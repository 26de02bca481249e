"""What the public page and its readers know the published files by.

The container and the file are part of the published contract: other systems read them.
"""

PUBLIC_CONTAINER = "dashboard-data"
PUBLISHED_FILE = "ddrc-metrics.json"


def source_file(source: str) -> str:
    """The file of one source's own metrics, inside the public container."""
    return f"sources/{source}.json"
