"""Builds the documentation's site: `python -m tools.site`, in `make site`.

The pages are spread over the repository (README.md, local/README.md …) and link to each other by
their paths. So they are copied to one folder with the same paths: every link works as on GitHub.
dbt's documentation of its project is added, generated from the manifest without a warehouse.

GitHub draws Mermaid diagrams. The site shows their text, because the script that draws them would
come from another server.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from include.transform_project import MANIFEST, PROJECT, dbt_environment

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


def add_dbt_docs(public: Path) -> None:
    """Generate dbt's documentation, one file, in the site's folder `dbt`.

    Raises:
        FileNotFoundError: There is no manifest; `make manifest` writes it.
        subprocess.CalledProcessError: dbt failed, and has printed the reason.
    """
    made = FOLDER / "dbt"
    made.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(MANIFEST, made / "manifest.json")
    options = ["--static", "--no-compile", "--empty-catalog", f"--target-path={made}"]
    project = [f"--project-dir={PROJECT}", f"--profiles-dir={PROJECT}"]
    _run("dbt", "--quiet", "docs", "generate", *options, *project, **dbt_environment())
    (public / "dbt").mkdir(exist_ok=True)
    shutil.copyfile(made / "static_index.html", public / "dbt" / "index.html")


def _run(tool: str, *arguments: str, **environment: str) -> None:
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    subprocess.run(command, check=True, env=os.environ | environment)


if __name__ == "__main__":
    copy_pages(ROOT, FOLDER / "pages")
    build_site(ROOT / "mkdocs.yml", FOLDER / "pages", FOLDER / "public")
    add_dbt_docs(FOLDER / "public")
    print(f"The site is in {(FOLDER / 'public').relative_to(ROOT)}; open index.html.")
