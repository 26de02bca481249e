"""Finds the sources: each module of a package that declares one."""

from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from include.sources.source import Source

# The modules of this package that declare no source.
_OTHERS = {"kinds", "registry", "source"}


class SourceError(Exception):
    """The declaration of a source is missing or contradicts another; the message names the file."""


def find_sources(package: ModuleType) -> dict[str, Source]:
    """Find the source that each module of a package declares.

    Args:
        package: The package, for example `include.sources`.

    Returns:
        The sources by name, sorted.

    Raises:
        SourceError: A module declares no source or several, one of another name than its own, or
            one with the wrong parts; or two sources share a raw table, the name of a part or a
            connector's Variable.
    """
    names = {module.name for module in iter_modules(package.__path__)} - _OTHERS
    sources = {
        name: _declared_in(import_module(f"{package.__name__}.{name}"))
        for name in sorted(names)
        if not name.startswith("_")
    }
    _check_unique({_file(package, name): source for name, source in sources.items()})
    return sources


def _file(package: ModuleType, name: str) -> str:
    return f"{package.__name__.replace('.', '/')}/{name}.py"


def _declared_in(module: ModuleType) -> Source:
    name = module.__name__.rpartition(".")[2]
    file = module.__name__.replace(".", "/") + ".py"
    declared = {id(value): value for value in vars(module).values() if isinstance(value, Source)}
    if len(declared) != 1:
        raise SourceError(
            f"{file} declares {len(declared) or 'no'} sources; it needs exactly one:"
            f' {name.upper()} = Source("{name}", …)'
        )
    [source] = declared.values()
    if source.name != name:
        raise SourceError(
            f"{file} declares the source {source.name!r}; a source has its file's name, {name!r}"
        )
    if problem := _problem_of_parts(source):
        raise SourceError(f"{file} {problem}")
    return source


def _problem_of_parts(source: Source) -> str:
    kinds = sorted(part.kind for part in source.parts)
    if not kinds:
        return "declares no part; it needs one layer, one connector, or one or more lists"
    if len(kinds) > 1 and set(kinds) != {"json"}:
        return (
            f"declares parts of the kinds {', '.join(kinds)};"
            " it needs one layer, one connector, or one or more lists"
        )
    part = source.parts[0]
    if source.kind != "json" and part.name != source.name:
        return f"names its only part {part.name!r}; name it {source.name!r}, as the source"
    return ""


def _check_unique(sources: dict[str, Source]) -> None:
    """Refuse a raw table, a part's name or a Variable that two files declare."""
    files = defaultdict(list)
    for file, source in sources.items():
        for claim in _claims(source):
            files[claim].append(file)
    for claim, claimants in files.items():
        if len(claimants) > 1:
            raise SourceError(
                f"{' and '.join(dict.fromkeys(claimants))}: {claim} is declared"
                f" {len(claimants)} times; each part needs its own"
            )


def _claims(source: Source) -> Iterator[str]:
    """The names that no other part of any source may have."""
    for part in source.parts:
        yield f"the raw table {part.table.schema}.{part.table.name}"
        yield f"the part {part.name!r}"
    for connector in source.connectors:
        yield f"the Variable {connector.connector_variable!r}"
