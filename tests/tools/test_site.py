"""The site has every page, and a page that nobody finds or that leads nowhere stops it."""

import re
import subprocess
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tools.site import PAGES, build, lay_out

CONFIGURATION = REPOSITORY / "mkdocs.yml"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    lay_out(REPOSITORY, tmp_path / "pages")
    return tmp_path / "pages"


def test_the_site_has_every_page_and_needs_no_other_server(pages: Path, tmp_path: Path) -> None:
    build(CONFIGURATION, pages, tmp_path / "public")

    made = {str(file.relative_to(tmp_path / "public")) for file in tmp_path.rglob("public/**/*")}
    for page in (
        *PAGES,
        *(f"docs/{p.relative_to(pages / 'docs')}" for p in pages.rglob("docs/**/*.md")),
    ):
        assert page.replace("README.md", "index.html").replace(".md", ".html") in made, page
    assert "docs/images/airflow-dags.png" in made
    for file in (tmp_path / "public").rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|link|img)[^>]+(?:src|href)=\"(https?:[^\"]+)", file.read_text()
        )
        assert loaded == [], file.name


def test_pages_that_nobody_finds_or_that_lead_nowhere_stop_it(
    pages: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (pages / "docs" / "lost.md").write_text("# In no menu\n")
    (pages / "docs" / "cost.md").write_text("[no page](gone.md), [no heading](contract.md#gone)\n")

    with pytest.raises(subprocess.CalledProcessError):
        build(CONFIGURATION, pages, tmp_path / "public")

    said = capfd.readouterr().err
    assert "docs/lost.md" in said.partition("not included in the")[2]
    assert "'gone.md', but the target 'docs/gone.md' is not found" in said
    assert "does not contain an anchor '#gone'" in said
