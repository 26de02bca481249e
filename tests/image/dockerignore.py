"""Which files Docker sends to a build, by the rules of `.dockerignore`.

Source of the rules: Docker's manual, "Build context, .dockerignore files". Patterns are Go's
`filepath.Match`, with `**` for any number of folders; the last that matches a path, or a folder
that it lies in, decides; `!` lets in again.
"""

import re
from collections.abc import Iterable


def kept(paths: Iterable[str], ignore: str) -> list[str]:
    """Those of the paths that are sent.

    Args:
        paths: Relative to the build's folder, with slashes.
        ignore: The text of a `.dockerignore`.
    """
    rules = [
        (not line.startswith("!"), _pattern(line.removeprefix("!").strip("/")))
        for line in map(str.strip, ignore.splitlines())
        if line and not line.startswith("#")
    ]
    return [path for path in paths if not _ignored(path, rules)]


def _ignored(path: str, rules: list[tuple[bool, re.Pattern[str]]]) -> bool:
    parts = path.split("/")
    here_and_above = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    ignored = False
    for ignores, pattern in rules:
        if any(pattern.fullmatch(each) for each in here_and_above):
            ignored = ignores
    return ignored


def _pattern(glob: str) -> re.Pattern[str]:
    translated = ""
    for token in re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]*\]|.", glob):
        translated += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            token, token if len(token) > 1 else re.escape(token)
        )
    return re.compile(translated)
