"""The documents' links lead somewhere, the commands that they name exist, and marked ones run."""

from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.documents.pages import (
    Block,
    anchors,
    broken_links,
    make_commands,
    make_targets,
    marked_blocks,
    pages,
    run,
)

PAGES = pages(REPOSITORY)
BLOCKS = [block for page in PAGES for block in marked_blocks(page)]
BAD = """# A page
See [there](there.md), [a heading](#not-here), [the web](https://example.org) and `[code](no.md)`.

Type `make nonsense` or `make lint test`, and make sure.

<!-- run -->
```
true
false
echo unreachable
```

## With `code`, and (signs)
"""


def test_every_relative_link_leads_to_a_file_and_a_heading() -> None:
    assert len(PAGES) > 20
    assert [problem for page in PAGES for problem in broken_links(page, REPOSITORY)] == []


def test_every_command_of_make_that_a_page_names_exists() -> None:
    targets = make_targets(REPOSITORY / "Makefile")

    unknown = {
        str(page.relative_to(REPOSITORY)): names
        for page in PAGES
        if (names := make_commands(page) - targets)
    }
    assert unknown == {}


def test_every_command_of_make_is_documented() -> None:
    named = set().union(*(make_commands(page) for page in PAGES))

    assert make_targets(REPOSITORY / "Makefile") - named == set()


def test_the_table_of_commands_has_them_all() -> None:
    targets = make_targets(REPOSITORY / "Makefile")

    assert make_commands(REPOSITORY / "CONTRIBUTING.md") == targets


@pytest.mark.parametrize("block", BLOCKS, ids=[f"{one.page.stem}" for one in BLOCKS])
def test_a_marked_block_runs(block: Block, tmp_path: Path) -> None:
    done = run(block, tmp_path if block.elsewhere else REPOSITORY)

    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.fixture
def bad_page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(BAD)
    return page


def test_a_link_that_leads_nowhere_is_found(bad_page: Path) -> None:
    assert broken_links(bad_page, bad_page.parent) == [
        "page.md: there.md is not there",
        "page.md: #not-here has no such heading",
    ]


def test_a_link_out_of_the_repository_is_found(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (tmp_path / "other.md").write_text("")
    (root / "page.md").write_text("[other](../other.md)")

    assert broken_links(root / "page.md", root) == ["page.md: ../other.md is not there"]


def test_a_heading_is_found_by_githubs_anchor(bad_page: Path) -> None:
    assert anchors(bad_page) == {"a-page", "with-code-and-signs"}


def test_a_command_that_does_not_exist_is_found(bad_page: Path) -> None:
    assert make_commands(bad_page) == {"nonsense", "lint", "test"}


def test_a_block_ends_at_its_first_failure(bad_page: Path, tmp_path: Path) -> None:
    (block,) = marked_blocks(bad_page)

    done = run(block, tmp_path)

    assert done.returncode == 1
    assert done.stdout == ""
