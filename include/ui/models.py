"""dbt's own documentation of the models, as one page that needs nothing else.

dbt ships the page, and fills it with what it knows of a project. Here it is filled with the
manifest that the DAGs are drawn from too, and with an empty catalog: no warehouse is asked for row
counts.
"""

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

MANIFEST = Path(__file__).parents[1] / "transform" / "target" / "manifest.json"

# dbt's page makes functions and styles as it runs, and carries its pictures; it may ask nobody.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline';"
    " img-src data:; font-src data:; frame-ancestors 'self'"
)

_CATALOG: dict[str, Any] = {"metadata": {}, "nodes": {}, "sources": {}, "errors": None}


def models_page(manifest: Path = MANIFEST) -> str | None:
    """The page; null where dbt has not parsed its project."""
    try:
        modified = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _filled(manifest, modified)


@lru_cache(maxsize=1)
def _filled(manifest: Path, _modified: int) -> str:
    page = files("dbt.task.docs").joinpath("index.html").read_text(encoding="utf-8")
    contents = {
        "MANIFEST.JSON": json.loads(manifest.read_bytes()),
        "CATALOG.JSON": _CATALOG,
    }
    for name, content in contents.items():
        page = page.replace(f'"{name} INLINE DATA"', _in_a_script(content))
    return page


def _in_a_script(content: Any) -> str:
    """JSON that no text in it can end the script around it with."""
    return json.dumps(content).replace("<", "\\u003c")
