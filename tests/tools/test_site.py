"""The site has every page; a page outside the menu or a broken link fails the build."""

import re
import subprocess
from pathlib import Path

import pytest

from local.home import REPOSITORY
from tools.site import PAGES, build_site, copy_pages

CONFIGURATION = REPOSITORY / "mkdocs.yml"


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    copy_pages(REPOSITORY, tmp_path / "pages")
    return tmp_path / "pages"


def test_the_site_has_every_page_and_loads_nothing_from_another_server(
    pages: Path, tmp_path: Path
) -> None:
    build_site(CONFIGURATION, pages, tmp_path / "public")

    files = {str(file.relative_to(tmp_path / "public")) for file in tmp_path.rglob("public/**/*")}
    for page in (
        *PAGES,
        *(f"docs/{p.relative_to(pages / 'docs')}" for p in pages.rglob("docs/**/*.md")),
    ):
        assert page.replace("README.md", "index.html").replace(".md", ".html") in files, page
    assert "docs/images/airflow-dags.png" in files
    for file in (tmp_path / "public").rglob("*.html"):
        loaded = re.findall(
            r"<(?:script|link|img)[^>]+(?:src|href)=\"(https?:[^\"]+)", file.read_text()
        )
        assert loaded == [], file.name


def test_a_page_outside_the_menu_or_a_broken_link_fails_the_build(
    pages: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (pages / "docs" / "lost.md").write_text("# In no menu\n")
    (pages / "docs" / "cost.md").write_text("[no page](gone.md), [no heading](contract.md#gone)\n")

    with pytest.raises(subprocess.CalledProcessError):
        build_site(CONFIGURATION, pages, tmp_path / "public")

    printed = capfd.readouterr().err
    assert "docs/lost.md" in printed.partition("not included in the")[2]
    assert "'gone.md', but the target 'docs/gone.md' is not found" in printed
    assert "does not contain an anchor '#gone'" in printed
