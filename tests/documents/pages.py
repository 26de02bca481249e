"""What the documents promise: their links, the commands of make they name, the blocks to run."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from urllib.parse import unquote

FENCED = re.compile(r"^([ ]*)(```+)[^\n]*\n.*?^\1\2[ ]*$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]+`")
HEADING = re.compile(r"^#{1,6}[ ]+(.+?)[ ]*#*$", re.MULTILINE)
LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)")
MAKE = re.compile(r"\bmake((?: [a-z][a-z-]*)+)")
TARGET = re.compile(r"^([a-z][a-z-]*):.*?##", re.MULTILINE)
MARKED = re.compile(
    r"^[ ]*<!-- run( elsewhere)? -->\n([ ]*)```[^\n]*\n(.*?)^\2```[ ]*$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """A block of shell commands that a page marks as to be run."""

    page: Path
    commands: str
    elsewhere: bool


def pages(root: Path) -> list[Path]:
    """Every Markdown file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    return [root / name for name in listed.stdout.splitlines()]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = FENCED.sub("", page.read_text())
    words = (LINK.sub("", heading).replace("`", "") for heading in HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", each.lower()).strip().replace(" ", "-") for each in words}


def broken_links(page: Path, root: Path) -> list[str]:
    """The page's relative links that lead to no file of the repository, or to no heading."""
    problems = []
    for link in LINK.findall(INLINE.sub("", FENCED.sub("", page.read_text()))):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or not target.is_relative_to(root):
            problems.append(f"{page.relative_to(root)}: {link} is not there")
        elif anchor and anchor not in anchors(target):
            problems.append(f"{page.relative_to(root)}: {link} has no such heading")
    return problems


def make_commands(page: Path) -> set[str]:
    """The commands of make that a page names in code."""
    text = page.read_text()
    code = [match.group(0) for match in FENCED.finditer(text)]
    code += INLINE.findall(FENCED.sub("", text))
    return {word for part in code for found in MAKE.findall(part) for word in found.split()}


def make_targets(makefile: Path) -> set[str]:
    """The Makefile's targets that have a line of help."""
    return set(TARGET.findall(makefile.read_text()))


def marked_blocks(page: Path) -> list[Block]:
    """The blocks that the page marks as to be run, from top to bottom."""
    return [
        Block(page, dedent(commands), bool(elsewhere))
        for elsewhere, _, commands in MARKED.findall(page.read_text())
    ]


def run(block: Block, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a block; the first command that fails ends it."""
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.commands],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
