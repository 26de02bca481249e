"""The documents' links, commands and paths exist, and the blocks marked to be run do run."""

from pathlib import Path

import pytest

from local.home import REPOSITORY
from tests.documents.pages import (
    Block,
    anchors,
    check_links,
    check_paths,
    find_files,
    make_commands,
    make_targets,
    marked_blocks,
    run,
)

PAGES = find_files(REPOSITORY, "*.md")
BLOCKS = [block for page in PAGES for block in marked_blocks(page)]
BAD = """# A page
See [there](there.md), [a heading](#not-here), [the web](https://example.org) and `[code](no.md)`.

Type `make nonsense` or `make lint test`, and make sure.

Read `docs/gone.md`, docs/*.md, `docs/here.md` and docs/{ENV}/x.md. Run `python -m tools.gone`.

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
    assert [problem for page in PAGES for problem in check_links(page, REPOSITORY)] == []


def test_every_path_and_module_named_outside_of_the_tests_exists() -> None:
    files = find_files(REPOSITORY)
    known = {str(file.relative_to(REPOSITORY)) for file in files}
    known |= {str(folder) for name in known for folder in Path(name).parents} - {"."}
    named = find_files(REPOSITORY, "*.md", "*.py", "*.y*ml", "*.toml", "*.example", "Makefile")
    named = [file for file in named if "tests" not in file.relative_to(REPOSITORY).parts]

    assert [problem for file in named for problem in check_paths(file, REPOSITORY, known)] == []


def test_every_make_command_that_a_page_names_exists() -> None:
    targets = make_targets(REPOSITORY / "Makefile")

    unknown = {
        str(page.relative_to(REPOSITORY)): names
        for page in PAGES
        if (names := make_commands(page) - targets)
    }
    assert unknown == {}


def test_every_make_command_is_documented() -> None:
    named = set().union(*(make_commands(page) for page in PAGES))

    assert make_targets(REPOSITORY / "Makefile") - named == set()


def test_the_table_of_commands_is_complete() -> None:
    targets = make_targets(REPOSITORY / "Makefile")

    assert make_commands(REPOSITORY / "CONTRIBUTING.md") == targets


@pytest.mark.parametrize("block", BLOCKS, ids=[block.page.stem for block in BLOCKS])
def test_a_marked_block_runs(block: Block, tmp_path: Path) -> None:
    done = run(block, tmp_path if block.elsewhere else REPOSITORY)

    assert done.returncode == 0, done.stderr
    assert done.stdout


@pytest.fixture
def bad_page(tmp_path: Path) -> Path:
    page = tmp_path / "page.md"
    page.write_text(BAD)
    return page


def test_a_broken_link_is_reported(bad_page: Path) -> None:
    assert check_links(bad_page, bad_page.parent) == [
        "page.md: there.md does not exist",
        "page.md: #not-here has no such heading",
    ]


def test_a_link_out_of_the_repository_is_reported(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    (tmp_path / "other.md").write_text("")
    (root / "page.md").write_text("[other](../other.md)")

    assert check_links(root / "page.md", root) == ["page.md: ../other.md does not exist"]


def test_a_path_or_module_that_does_not_exist_is_reported(bad_page: Path) -> None:
    known = {"docs", "docs/here.md", "tools"}

    assert check_paths(bad_page, bad_page.parent, known) == [
        "page.md: docs/gone.md does not exist",
        "page.md: python -m tools.gone does not exist",
    ]


def test_headings_have_githubs_anchors(bad_page: Path) -> None:
    assert anchors(bad_page) == {"a-page", "with-code-and-signs"}


def test_make_commands_are_read_from_code_only(bad_page: Path) -> None:
    assert make_commands(bad_page) == {"nonsense", "lint", "test"}


def test_a_block_ends_at_its_first_failing_command(bad_page: Path, tmp_path: Path) -> None:
    (block,) = marked_blocks(bad_page)

    done = run(block, tmp_path)

    assert done.returncode == 1
    assert done.stdout == ""
