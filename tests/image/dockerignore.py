"""The files that Docker sends to a build, by the rules of `.dockerignore`.

The rules are from Docker's manual, "Build context, .dockerignore files". Patterns are Go's
`filepath.Match`, with `**` for any number of folders. The last pattern that matches a path
or one of its folders decides; `!` includes the path again.
"""

import re
from collections.abc import Iterable


def sent_files(paths: Iterable[str], ignore: str) -> list[str]:
    """Filter the paths that Docker sends.

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
    path_and_folders = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    ignored = False
    for ignores, pattern in rules:
        if any(pattern.fullmatch(name) for name in path_and_folders):
            ignored = ignores
    return ignored


def _pattern(glob: str) -> re.Pattern[str]:
    translated = ""
    for token in re.findall(r"\*\*/|\*\*|\*|\?|\[[^\]]*\]|.", glob):
        translated += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(
            token, token if len(token) > 1 else re.escape(token)
        )
    return re.compile(translated)
