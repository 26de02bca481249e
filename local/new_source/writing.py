"""Makes the new files from their templates, and writes everything or nothing."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from local.new_source.asked import Asked, NewSourceError

TEMPLATES = Path(__file__).parent / "templates"
SUFFIX = ".jinja"

# dbt's files are Jinja themselves: what is filled in here stands in square brackets.
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
    autoescape=False,  # noqa: S701 - it writes no HTML
)


def new_files(new: Asked, root: Path) -> dict[str, str]:
    """The contents of the new files, by their path below the checkout.

    A template's path below `templates/<kind>` or `templates/common` is its file's, with the
    source's name for `NAME`.

    Raises:
        NewSourceError: One of them is there already.
    """
    made = {}
    folders = ("common", "loaded", new.kind) if new.is_loaded else ("common", new.kind)
    for folder in folders:
        for template in sorted((TEMPLATES / folder).rglob(f"*{SUFFIX}")):
            path = template.relative_to(TEMPLATES / folder).as_posix().removesuffix(SUFFIX)
            source = _ENVIRONMENT.get_template(template.relative_to(TEMPLATES).as_posix())
            made[path.replace("NAME", new.name)] = source.render(new=new, name=new.name)
    if there := sorted(path for path in made if (root / path).exists()):
        raise NewSourceError(f"{', '.join(there)}: there already. Nothing was written.")
    return made


def tidied(files: Mapping[str, str], root: Path) -> dict[str, str]:
    """The files with the house's style: a name's length decides how a line of Python breaks."""
    made = dict(files)
    for path, text in files.items():
        if path.endswith(".py"):
            sorted_ = _ruff(root, path, text, "check", "--fix", "--quiet", "--select", "I,RUF022")
            made[path] = _ruff(root, path, sorted_, "format", "--quiet")
    return made


def write(files: Mapping[str, str], root: Path) -> None:
    """Write the files; if one cannot be written, all are as they were.

    Raises:
        NewSourceError: One cannot be written.
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
        raise NewSourceError(f"{path} is no sound Python: {done.stdout}{done.stderr}")
    return done.stdout
