"""dbt's own documentation of the models, as one page that needs nothing else.

`make manifest` and the image's build have dbt write it beside the manifest, without a warehouse.
"""

from pathlib import Path

FILE = Path(__file__).parents[1] / "transform" / "target" / "static_index.html"

# dbt's page makes functions and styles as it runs, and carries its pictures; it may ask nobody.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data:; font-src data:; frame-ancestors 'self'"
)


def models_page(file: Path = FILE) -> str | None:
    """The page; null where it was not made."""
    return file.read_text(encoding="utf-8") if file.exists() else None
