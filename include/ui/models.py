"""dbt's documentation of the models, as one page that needs nothing else.

dbt ships the page with placeholders for a project's manifest and catalog. The manifest is the one
that the DAGs are built from. The catalog is empty: no warehouse is queried for row counts.
"""

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from include.transform_project import MANIFEST

# dbt's page makes functions and styles as it runs, and contains its pictures; it loads nothing.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data:; font-src data:; frame-ancestors 'self'"
)

_CATALOG: dict[str, object] = {"metadata": {}, "nodes": {}, "sources": {}, "errors": None}


def render_models_page(manifest: Path = MANIFEST) -> str | None:
    """Render the page; `None` if dbt has not parsed its project."""
    try:
        modified = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _render(manifest, modified)


@lru_cache(maxsize=1)
def _render(manifest: Path, _modified: int) -> str:
    page = files("dbt.task.docs").joinpath("index.html").read_text(encoding="utf-8")
    contents = {"MANIFEST.JSON": json.loads(manifest.read_bytes()), "CATALOG.JSON": _CATALOG}
    for name, content in contents.items():
        page = page.replace(f'"{name} INLINE DATA"', _json_in_script(content))
    return page


def _json_in_script(content: object) -> str:
    """JSON in which no text can end the script element around it."""
    return json.dumps(content).replace("<", "\\u003c")
