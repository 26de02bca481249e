"""Checks of the documents: links, make commands, file paths, modules, and blocks to run."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from urllib.parse import unquote

from tools.checkout import list_files

FENCED = re.compile(r"^([ ]*)(```+)[^\n]*\n.*?^\1\2[ ]*$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#{1,6}[ ]+(.+?)[ ]*#*$", re.MULTILINE)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
MAKE = re.compile(r"\bmake((?: [a-z][a-z-]*)+)")
TARGET = re.compile(r"^([a-z][a-z-]*):.*?##", re.MULTILINE)
MODULE = re.compile(r"\bpython -m ((?:bench|include|local|tests|tools)(?:\.\w+)*)(?!\w|\.?\$)")
MARKED = re.compile(
    r"^[ ]*<!-- run( elsewhere)? -->\n([ ]*)```[^\n]*\n(.*?)^\2```[ ]*$", re.MULTILINE | re.DOTALL
)
# Written by a build, a deployment or the reader of a walk-through.
NOT_TRACKED = re.compile(
    r"include/(version\.json|trust/.+|transform/(target|logs)\b.*)|.*\beaton_damage\b.*"
)
# A path that stands for many: a pattern or a placeholder.
PATTERN = re.compile(r"[*{}<>…]|\bNAME\b")


@dataclass(frozen=True)
class Block:
    """A block of shell commands that a page marks to be run.

    Attributes:
        elsewhere: True if the block runs in an empty folder instead of the repository.
    """

    page: Path
    commands: str
    elsewhere: bool


def find_files(root: Path, *patterns: str) -> list[Path]:
    """The repository's files, tracked or about to be, that match any of git's path patterns."""
    return [root / name for name in list_files(root, *patterns)]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = FENCED.sub("", page.read_text())
    titles = (LINK.sub("", heading).replace("`", "") for heading in HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def check_links(page: Path, root: Path) -> list[str]:
    """List the page's relative links whose file or heading does not exist in the repository."""
    problems = []
    for link in LINK.findall(INLINE.sub("", FENCED.sub("", page.read_text()))):
        # An address elsewhere, or a view of dbt's documentation.
        if re.match(r"[a-z]+:|#!/", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or not target.is_relative_to(root):
            problems.append(f"{page.relative_to(root)}: {link} does not exist")
        elif anchor and anchor not in anchors(target):
            problems.append(f"{page.relative_to(root)}: {link} has no such heading")
    return problems


def check_paths(file: Path, root: Path, known: set[str]) -> list[str]:
    """List the repository paths and the modules after `python -m` that do not exist.

    Args:
        file: A document, or a source file with comments.
        root: The top of the repository.
        known: The repository's files and folders, relative to `root`.
    """
    text = file.read_text()
    tops = "|".join(re.escape(path) for path in sorted(known) if "/" not in path)
    paths = re.findall(rf"(?<![\w./{{<-])(?:{tops})/[\w./*{{}}<>…-]*", text)
    paths = [path.rstrip("./") for path in paths]
    missing = [
        path
        for path in paths
        if path not in known and not NOT_TRACKED.fullmatch(path) and not PATTERN.search(path)
    ]
    for module in MODULE.findall(text):
        path = module.replace(".", "/")
        if known.isdisjoint((f"{path}.py", f"{path}/__main__.py")) and not PATTERN.search(module):
            missing.append(f"python -m {module}")
    return [f"{file.relative_to(root)}: {each} does not exist" for each in missing]


def make_commands(page: Path) -> set[str]:
    """The make commands that a page names in code."""
    text = page.read_text()
    code = [match.group(0) for match in FENCED.finditer(text)]
    code += INLINE.findall(FENCED.sub("", text))
    return {word for part in code for found in MAKE.findall(part) for word in found.split()}


def make_targets(makefile: Path) -> set[str]:
    """The Makefile's documented targets."""
    return set(TARGET.findall(makefile.read_text()))


def marked_blocks(page: Path) -> list[Block]:
    """The blocks that the page marks to be run, from top to bottom."""
    return [
        Block(page, dedent(commands), bool(elsewhere))
        for elsewhere, _, commands in MARKED.findall(page.read_text())
    ]


def run(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block; the first failing command ends it."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.commands],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
