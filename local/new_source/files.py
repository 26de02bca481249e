"""Renders the new files from their templates, and writes all files or none."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from local.new_source.request import NewSource, NewSourceError

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".jinja"

# dbt's files are Jinja themselves, so the templates' own expressions are in square brackets.
_ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES),
    undefined=StrictUndefined,
    variable_start_string="[[",
    variable_end_string="]]",
    block_start_string="[%",
    block_end_string="%]",
    comment_start_string="[#",
    comment_end_string="#]",
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 - the templates are not HTML
)


def render_files(new: NewSource, root: Path) -> dict[str, str]:
    """Render the content of each new file, by its path below the checkout.

    That path is the template's path below `templates/<kind>` or `templates/common`, with the
    source's name in place of `NAME`.

    Raises:
        NewSourceError: A file already exists.
    """
    made = {}
    folders = ("common", "loaded", new.kind) if new.is_loaded else ("common", new.kind)
    for folder in folders:
        for template in sorted((TEMPLATES / folder).rglob(f"*{SUFFIX}")):
            path = template.relative_to(TEMPLATES / folder).as_posix().removesuffix(SUFFIX)
            source = _ENVIRONMENT.get_template(template.relative_to(TEMPLATES).as_posix())
            made[path.replace("NAME", new.name)] = source.render(new=new, name=new.name)
    if existing := sorted(path for path in made if (root / path).exists()):
        raise NewSourceError(f"Already there: {', '.join(existing)}. Nothing was written.")
    return made


def format_files(files: Mapping[str, str], root: Path) -> dict[str, str]:
    """Format the Python files: line breaks depend on the length of the source's name.

    Raises:
        NewSourceError: A file is not valid Python.
    """
    made = dict(files)
    for path, text in files.items():
        if path.endswith(".py"):
            sorted_ = _ruff(root, path, text, "check", "--fix", "--quiet", "--select", "I,RUF022")
            made[path] = _ruff(root, path, sorted_, "format", "--quiet")
    return made


def write_files(files: Mapping[str, str], root: Path) -> None:
    """Write the files; if one cannot be written, restore all.

    Raises:
        NewSourceError: A file cannot be written.
    """
    before: dict[Path, bytes | None] = {}
    try:
        for path, text in files.items():
            file = root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            before[file] = file.read_bytes() if file.exists() else None
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        for file, content in before.items():
            if content is not None:
                file.write_bytes(content)
            else:
                file.unlink(missing_ok=True)
                _remove_if_empty(file.parent, root)
        raise NewSourceError(f"{error}. Nothing was written.") from error


def _remove_if_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _ruff(root: Path, path: str, text: str, *words: str) -> str:
    command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", str(root / path), "-"]
    done = subprocess.run(
        command, input=text, cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise NewSourceError(f"{path} is not valid Python: {done.stdout}{done.stderr}")
    return done.stdout
