"""Builds the documentation's site: `python -m tools.site`, in `make site`.

The pages are spread over the repository (README.md, local/README.md …) and link to each other by
their paths. So they are copied to one folder with the same paths: every link works as on GitHub.
dbt's documentation of its project is added: the page *Data models* of Airflow's UI.

GitHub draws Mermaid diagrams. The site shows their text, because the script that draws them would
come from another server.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from include.ui.models import render_models_page

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local" / "site"
# The site's pages outside the folder docs/.
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "include/transform/README.md",
    "local/README.md",
)

_STYLE = (Path(__file__).parent / "site.css").read_text(encoding="utf-8")
# The theme's script switches these styles of highlighted code, and fails without them.
_STYLES_OF_CODE = '<meta id="hljs-light"><meta id="hljs-dark">'
_CHANGES = {
    "</head>": f"{_STYLES_OF_CODE}<style>\n{_STYLE}</style></head>",
    '<div class="navbar fixed-top': '<a class="skip" href="#main">Skip to the content</a>'
    '<div role="banner" class="navbar fixed-top',
    'class="col-md-9" role="main"': 'class="col-md-9" role="main" id="main" tabindex="-1"',
    # The page of an unknown address.
    '<div id="main-content" ': '<div role="main" id="main" tabindex="-1" ',
    "<pre>": '<pre tabindex="0">',
}


def copy_pages(root: Path, pages: Path) -> None:
    """Copy the pages and their pictures, with their paths in the repository."""
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(root / "docs", pages / "docs")
    for name in PAGES:
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, pages / name)


def build_site(configuration: Path, pages: Path, public: Path) -> None:
    """Have MkDocs build the site.

    Args:
        configuration: The file `mkdocs.yml`.
        pages: The folder of the pages.
        public: The folder for the site.

    Raises:
        subprocess.CalledProcessError: A page is in no menu or a link is broken; MkDocs has printed
            which.
    """
    # Not with --quiet, which would also ignore the warnings.
    _run(
        "mkdocs",
        "build",
        "--strict",
        f"--config-file={configuration}",
        f"--site-dir={public}",
        SITE_PAGES=str(pages),
    )
    improve_pages(public)


def improve_pages(public: Path) -> None:
    """Add what the theme lacks: a skip link, landmarks, readable links, code that keys can scroll.

    Raises:
        ValueError: The theme has changed: a page has none of a text that is to be replaced.
    """
    pages = list(public.rglob("*.html"))
    texts = {page: page.read_text(encoding="utf-8") for page in pages}
    for text in _CHANGES:
        if not any(text in content for content in texts.values()):
            raise ValueError(f"The theme of the site has changed: no page has {text}")
    for page, content in texts.items():
        changed = content
        for text, replacement in _CHANGES.items():
            changed = changed.replace(text, replacement)
        page.write_text(changed, encoding="utf-8")


def add_dbt_docs(public: Path) -> None:
    """Add dbt's documentation, one file, in the site's folder `dbt`.

    Raises:
        FileNotFoundError: There is no manifest; `make manifest` writes it.
    """
    page = render_models_page()
    if page is None:
        raise FileNotFoundError("There is no manifest; write it with: make manifest")
    (public / "dbt").mkdir(exist_ok=True)
    (public / "dbt" / "index.html").write_text(page, encoding="utf-8")


def _run(tool: str, *arguments: str, **environment: str) -> None:
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    subprocess.run(command, check=True, env=os.environ | environment)


if __name__ == "__main__":
    copy_pages(ROOT, FOLDER / "pages")
    build_site(ROOT / "mkdocs.yml", FOLDER / "pages", FOLDER / "public")
    add_dbt_docs(FOLDER / "public")
    print(f"The site is in {(FOLDER / 'public').relative_to(ROOT)}; open index.html.")
