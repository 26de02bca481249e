"""Builds the documentation's site: `python -m tools.site`, in `make site`.

The pages lie where their readers look for them (README.md, local/README.md …) and link to each
other by where they lie. So they are laid out again in a folder of their own, as in the repository:
every link works there as it does on GitHub. dbt's own documentation of the project is put beside
them, made from the manifest, without a warehouse.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from include.transform_project import MANIFEST, PROJECT

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".local" / "site"
# What is on the site beside the folder docs/.
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "include/transform/README.md",
    "local/README.md",
)


def lay_out(root: Path, pages: Path) -> None:
    """Copy the pages and what they show, by the paths that they have in the repository."""
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(root / "docs", pages / "docs")
    for name in PAGES:
        (pages / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, pages / name)


def build(configuration: Path, pages: Path, public: Path) -> None:
    """Have MkDocs make the site; quiet it would count no warning, and refuse nothing.

    Raises:
        subprocess.CalledProcessError: A page is in no menu, or a link leads nowhere; MkDocs has
            said which.
    """
    _run(
        "mkdocs",
        "build",
        "--strict",
        f"--config-file={configuration}",
        f"--site-dir={public}",
        SITE_PAGES=str(pages),
    )


def document_dbt(public: Path) -> None:
    """Put dbt's documentation, one file, into the site's folder `dbt`.

    Raises:
        FileNotFoundError: dbt has not parsed its project; `make manifest` has it do so.
        subprocess.CalledProcessError: dbt has said what is wrong.
    """
    made = FOLDER / "dbt"
    made.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(MANIFEST, made / "manifest.json")
    words = ["--static", "--no-compile", "--empty-catalog", f"--target-path={made}"]
    project = [f"--project-dir={PROJECT}", f"--profiles-dir={PROJECT}"]
    _run("dbt", "--quiet", "docs", "generate", *words, *project)
    (public / "dbt").mkdir(exist_ok=True)
    shutil.copyfile(made / "static_index.html", public / "dbt" / "index.html")


def _run(tool: str, *arguments: str, **environment: str) -> None:
    command = [str(Path(sys.executable).with_name(tool)), *arguments]
    subprocess.run(command, check=True, env=os.environ | environment)  # noqa: S603


if __name__ == "__main__":
    lay_out(ROOT, FOLDER / "pages")
    build(ROOT / "mkdocs.yml", FOLDER / "pages", FOLDER / "public")
    document_dbt(FOLDER / "public")
    print(f"The site is in {(FOLDER / 'public').relative_to(ROOT)}; open index.html.")
