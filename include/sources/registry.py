"""Finds the sources: each module of a package that declares one."""

from collections import Counter
from collections.abc import Iterable
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
        SourceError: A module declares no source or several, or one of another name than its own;
            or two sources share a raw table or a connector's Variable.
    """
    names = sorted({module.name for module in iter_modules(package.__path__)} - _OTHERS)
    sources = {name: _declared_in(import_module(f"{package.__name__}.{name}")) for name in names}
    _check_unique(sources.values())
    return sources


def _declared_in(module: ModuleType) -> Source:
    name = module.__name__.rpartition(".")[2]
    declared = {id(value): value for value in vars(module).values() if isinstance(value, Source)}
    file = module.__name__.replace(".", "/") + ".py"
    if len(declared) != 1:
        raise SourceError(
            f"{file} declares {len(declared)} sources; it has to declare one:"
            f' {name.upper()} = Source("{name}", …)'
        )
    [source] = declared.values()
    if source.name != name:
        raise SourceError(f"{file} declares the source {source.name!r}; name it {name!r}")
    return source


def _check_unique(sources: Iterable[Source]) -> None:
    parts = [(source.name, part) for source in sources for part in source.parts]
    claims = {
        "the raw table": [(f"{part.table.schema}.{part.table.name}", name) for name, part in parts],
        "the part name": [(part.name, name) for name, part in parts],
        "the Variable": [
            (connector.connector_variable, source.name)
            for source in sources
            for connector in source.connectors
        ],
    }
    for kind, claimed in claims.items():
        for value, count in Counter(value for value, _ in claimed).items():
            if count > 1:
                owners = " and ".join(
                    f"include/sources/{name}.py" for other, name in claimed if other == value
                )
                raise SourceError(f"{owners} declare {kind} {value!r}; each needs its own")
