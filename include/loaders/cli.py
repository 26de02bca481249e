"""Save any ArcGIS layer or JSON list, load one source, or find a server's missing certificates."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, cast, get_args
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from include.loaders.certificates import complete_chain
from include.loaders.errors import LoadError, TransientError
from include.loaders.export import export_arcgis, export_json_list, export_part
from include.loaders.load import load_table
from include.loaders.options import LoadOptions, Origin, no_progress
from include.loaders.options import Progress as ReportProgress
from include.loaders.settings import (
    CONCURRENCY,
    PAGE_SIZE,
    RETRY_SECONDS,
    TIMEOUT_SECONDS,
    Setting,
    parse_settings,
    with_settings,
)
from include.sources import LOADED, SOURCES, FieldType, JsonField, LoadedPart
from include.sources.kinds import Kind
from include.times import utc_now
from include.warehouse import database

# The exit code for a temporary failure, by sysexits.h: the caller may retry.
TEMPORARY_FAILURE = 75

Url = Annotated[str, typer.Argument(help="the address, for a layer up to its number")]
Output = Annotated[Path, typer.Option(help="the Parquet file, written at the end or not at all")]
Where = Annotated[str, typer.Option(help="the rows to read, as a condition in the layer's SQL")]


def _setting(setting: Setting) -> Any:
    return typer.Option(min=setting.minimum, max=setting.maximum, help=setting.help)


Concurrency = Annotated[int | None, _setting(CONCURRENCY)]
PageSize = Annotated[int | None, _setting(PAGE_SIZE)]
RetrySeconds = Annotated[float | None, _setting(RETRY_SECONDS)]
TimeoutSeconds = Annotated[float | None, _setting(TIMEOUT_SECONDS)]
Bundle = Annotated[str | None, typer.Option(help="a PEM file of certificates to trust as well")]
Token = Annotated[str | None, typer.Option(envvar="ARCGIS_TOKEN", help="an ArcGIS token")]
Fields = Annotated[
    list[str] | None, typer.Option("--field", help="a declared field as NAME:TYPE; repeatable")
]
BaseUrl = Annotated[
    str | None, typer.Option(help="scheme, host and port instead of the declared ones")
]
Connection = Annotated[
    str, typer.Option(help="a connection in the Snowflake connector's connections.toml")
]
Folder = Annotated[
    Path | None, typer.Option(help="a folder for Parquet files instead of the warehouse")
]
AcceptDrop = Annotated[
    str | None, typer.Option(help="why far fewer rows are correct, for this load only")
]

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)


@app.command()
def arcgis(
    url: Url,
    output: Output,
    *,
    where: Where = "1=1",
    concurrency: Concurrency = None,
    page_size: PageSize = None,
    retry_seconds: RetrySeconds = None,
    timeout_seconds: TimeoutSeconds = None,
    ca_bundle: Bundle = None,
    token: Token = None,
) -> None:
    """Save an ArcGIS layer as GeoParquet, completely, and print a summary as JSON."""
    given = {
        "concurrency": concurrency,
        "page_size": page_size,
        "retry_seconds": retry_seconds,
        "timeout_seconds": timeout_seconds,
    }
    origin = Origin(ca_bundle=ca_bundle, token=token)
    with _exit_code(), _progress_bar(_host(url)) as progress:
        options = _options(_host(url), "arcgis", given, where=where, progress=progress)
        _print_json(export_arcgis(_host(url), url, output, origin, options).as_dict())


@app.command()
def json_list(
    url: Url,
    output: Output,
    *,
    field: Fields = None,
    retry_seconds: RetrySeconds = None,
    timeout_seconds: TimeoutSeconds = None,
    ca_bundle: Bundle = None,
) -> None:
    """Save a JSON list of flat objects as Parquet, and print a summary as JSON.

    Fields that are not declared with --field are text.
    """
    fields = tuple(_parse_field(text) for text in field or [])
    given = {"retry_seconds": retry_seconds, "timeout_seconds": timeout_seconds}
    origin = Origin(ca_bundle=ca_bundle)
    with _exit_code():
        options = _options(_host(url), "json", given)
        report = export_json_list(
            _host(url), url, fields, output=output, origin=origin, options=options
        )
        _print_json(report.as_dict())


@app.command()
def trust(
    host: Annotated[str, typer.Argument(help="the server, as HOST or HOST:PORT")],
    output: Annotated[Path | None, typer.Option(help="the bundle to write [HOST.pem]")] = None,
) -> None:
    """Find the certificates that a server does not send, and write them for a person to review.

    Follows the issuer pointers in the server's own certificate. The command does not make the
    loaders trust anything: the bundle takes effect once it is committed as
    include/trust/SOURCE.pem or named in a connection.
    """
    name, _, port = host.partition(":")
    if not port.isdecimal() and port:
        raise typer.BadParameter(f"{host!r} is not HOST or HOST:PORT")
    with _exit_code():
        typer.echo(complete_chain(name, int(port or 443), output or Path(f"{name}.pem")))


def _source_command(parts: tuple[LoadedPart, ...]) -> Callable[..., None]:
    def command(
        *,
        connection: Connection = "loader",
        output: Folder = None,
        base_url: BaseUrl = None,
        ca_bundle: Bundle = None,
        accept_drop: AcceptDrop = None,
        concurrency: Concurrency = None,
        page_size: PageSize = None,
        retry_seconds: RetrySeconds = None,
        timeout_seconds: TimeoutSeconds = None,
    ) -> None:
        origin = Origin(base_url=base_url, ca_bundle=ca_bundle)
        given = {
            "concurrency": concurrency,
            "page_size": page_size,
            "retry_seconds": retry_seconds,
            "timeout_seconds": timeout_seconds,
        }
        with _exit_code():
            options = _options(parts[0].name, parts[0].kind, given, accept_drop=accept_drop)
            if output is None:
                _load(parts, connection, origin, options)
            else:
                for part in parts:
                    report = export_part(part, output / f"{part.name}.parquet", origin, options)
                    _print_json({"source": part.name, **report.as_dict()})

    return command


for _name in LOADED:
    _parts = SOURCES[_name].loaded
    _listed = ", ".join(f"{part.table.schema}.{part.table.name}" for part in _parts)
    app.command(_name, help=f"Load {_name} alone: {_listed}.")(_source_command(_parts))


def _load(
    parts: tuple[LoadedPart, ...], connection: str, origin: Origin, options: LoadOptions
) -> None:
    import snowflake.connector  # Slow to import, and only needed here.

    load_id = f"command-line {utc_now():%Y-%m-%dT%H:%M:%SZ}"
    for part in parts:
        report = load_table(
            part,
            connect=lambda: snowflake.connector.connect(connection_name=connection),
            database=database("RAW"),
            load_id=load_id,
            origin=origin,
            options=options,
        )
        _print_json(report.as_dict())


def _options(name: str, kind: Kind, given: Mapping[str, object], **others: Any) -> LoadOptions:
    """The options with the given settings; those that are `None` keep their usual values.

    Raises:
        SettingError: A source of this kind does not have the setting.
    """
    settings = parse_settings(name, kind, given, "the command line")
    return with_settings(LoadOptions(**others), settings)


def _host(url: str) -> str:
    """The source's name in messages."""
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _parse_field(text: str) -> JsonField:
    name, _, kind = text.rpartition(":")
    if not name or kind not in get_args(FieldType):
        raise typer.BadParameter(f"{text!r} is not NAME:TYPE with one of {get_args(FieldType)}")
    return JsonField(name, cast(FieldType, kind))


def _print_json(value: dict[str, Any]) -> None:
    """Print one line of JSON on standard output."""
    typer.echo(json.dumps(value))


@contextmanager
def _exit_code() -> Iterator[None]:
    """End the program with exit code 75 after a transient failure and 1 after a permanent one."""
    try:
        yield
    except LoadError as error:
        typer.echo(str(error), err=True)
        is_transient = isinstance(error, TransientError)
        raise typer.Exit(TEMPORARY_FAILURE if is_transient else 1) from error


@contextmanager
def _progress_bar(title: str) -> Iterator[ReportProgress]:
    """A function to call with the rows read so far and the rows expected.

    The bar is drawn on standard error, and only on a terminal.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield no_progress
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda rows, total: bar.update(task, completed=rows, total=total)
