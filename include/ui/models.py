"""dbt's documentation of the models, as one page that needs nothing else.

dbt ships the page with placeholders for a project's manifest and catalog. The manifest is the one
that the DAGs are built from. The catalog is empty: no warehouse is queried for row counts.

dbt's page has no dark theme, greys of 2.6:1, no zoom, no landmarks, and controls that a keyboard
does not reach. The page is changed where that can be corrected.
"""

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from include.transform_project import MANIFEST

# The page contains its scripts, styles and pictures; it loads nothing, and makes no functions.
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:;"
    " font-src data:; base-uri 'none'; form-action 'none'"
)

# What dbt's page has, and what replaces it. Its templates are texts in its script.
CHANGES = {
    # AngularJS then makes no functions from texts: https://docs.angularjs.org/api/ng/directive/ngCsp.
    'ng-app="dbt"': 'ng-app="dbt" ng-csp="no-unsafe-eval"',
    "minimum-scale=1,maximum-scale=1,initial-scale=1": "initial-scale=1",
    # A placeholder of dbt's build, at which a browser would load a picture that does not exist.
    """<link rel="shortcut icon" href="${require('./assets/favicons/favicon.ico')}"/>""": "",
    # A browser loads the address with its braces before AngularJS has filled it in.
    'xlink:href="{{': 'ng-attr-href="{{',
    '<div class="app-menu ': '<div role="navigation" aria-label="Models" class="app-menu ',
    '<div class="app-content ': '<div role="main" tabindex="-1" class="app-content ',
    "<h6": "<h6 aria-level=2",
    "<h5": "<h5 aria-level=3",
    'placeholder="Search for models..."': 'aria-label="Search" placeholder="Search for models..."',
    "<body>": '<body><button type="button" class="skip">Skip to the content</button>',
}

_CATALOG: dict[str, object] = {"metadata": {}, "nodes": {}, "sources": {}, "errors": None}
_TEMPLATES = Path(__file__).parent / "templates"


def render_models_page(manifest: Path = MANIFEST) -> str | None:
    """Render the page; `None` if dbt has not parsed its project."""
    try:
        modified = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return None
    return _render(manifest, modified)


def dbt_page() -> str:
    """The page that dbt ships."""
    return files("dbt.task.docs").joinpath("index.html").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _render(manifest: Path, _modified: int) -> str:
    page = dbt_page()
    for text, replacement in CHANGES.items():
        page = page.replace(text, replacement)
    # The documentation's site sends no headers.
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    additions = [
        (_TEMPLATES / name).read_text("utf-8") for name in ("theme.html", "models_additions.html")
    ]
    # The last one: dbt's scripts contain the text too.
    head, end, body = page.rpartition("</head>")
    page = head.replace("<head>", f"<head>{policy}", 1) + "".join(additions) + end + body
    contents = {"MANIFEST.JSON": json.loads(manifest.read_bytes()), "CATALOG.JSON": _CATALOG}
    for name, content in contents.items():
        page = page.replace(f'"{name} INLINE DATA"', _json_in_script(content))
    return page


def _json_in_script(content: object) -> str:
    """JSON in which no text can end the script element around it."""
    return json.dumps(content).replace("<", "\\u003c")
