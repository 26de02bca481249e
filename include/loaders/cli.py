"""The loaders on the command line: save any layer or list, load one of ours, trust a server."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, cast, get_args
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from include.loaders.certificates import examine
from include.loaders.errors import LoadError, TransientError
from include.loaders.export import export_arcgis, export_json_list
from include.loaders.loading import load_arcgis, load_json_list
from include.loaders.options import LoadOptions, Origin, no_progress
from include.loaders.options import Progress as Show
from include.sources import PARTS, ArcgisLayer, FieldType, FivetranConnector, JsonField, JsonList
from include.times import utc_now
from include.warehouse import database

# What sysexits.h calls a temporary failure: whoever runs this may try again.
TEMPORARY_FAILURE = 75


@contextmanager
def progress_bar(title: str) -> Iterator[Show]:
    """What to call with the rows read so far and the rows expected; drawn on standard error.

    Nothing is drawn where standard error is no terminal.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield no_progress
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console) as bar:
        task = bar.add_task(title, total=None)
        yield lambda rows, total: bar.update(task, completed=rows, total=total)


@contextmanager
def failures_told() -> Iterator[None]:
    """End the program with exit code 75 after a transient failure and 1 after a permanent one."""
    try:
        yield
    except LoadError as error:
        typer.echo(str(error), err=True)
        passing = isinstance(error, TransientError)
        raise typer.Exit(TEMPORARY_FAILURE if passing else 1) from error


def print_json(value: dict[str, Any]) -> None:
    """One line of JSON on standard output."""
    typer.echo(json.dumps(value))


OURS: dict[str, tuple[ArcgisLayer | JsonList, ...]] = {
    name: loaded
    for name, parts in PARTS.items()
    if (loaded := tuple(one for one in parts if not isinstance(one, FivetranConnector)))
}


def add_ours(app: typer.Typer) -> None:
    """Add a command for each of our sources."""
    for name, tables in OURS.items():
        app.command(name, help=f"Load {name} alone: {_listed(tables)}.")(_command(tables))


def _listed(tables: tuple[ArcgisLayer | JsonList, ...]) -> str:
    return ", ".join(f"{one.table.schema}.{one.table.name}" for one in tables)


def _command(tables: tuple[ArcgisLayer | JsonList, ...]) -> Callable[..., None]:
    def command(
        *,
        connection: Annotated[
            str, typer.Option(help="a connection in the Snowflake connector's connections.toml")
        ] = "loader",
        output: Annotated[
            Path | None,
            typer.Option(help="a folder for Parquet files instead of the warehouse"),
        ] = None,
        base_url: Annotated[
            str | None, typer.Option(help="scheme, host and port instead of the declared ones")
        ] = None,
        ca_bundle: Annotated[
            str | None, typer.Option(help="a PEM file of certificates to trust as well")
        ] = None,
        accept_drop: Annotated[
            str | None, typer.Option(help="why far fewer rows are right, for this load only")
        ] = None,
        retry_seconds: Annotated[
            float, typer.Option(min=0, help="how long to try a failing request again")
        ] = 300.0,
    ) -> None:
        origin = Origin(base_url=base_url, ca_bundle=ca_bundle)
        options = LoadOptions(accept_drop=accept_drop, retry_seconds=retry_seconds)
        with failures_told():
            if output is not None:
                for one in tables:
                    _export(one, output / f"{one.name}.parquet", origin, options)
            else:
                _load(tables, connection, origin, options)

    return command


def _export(
    source: ArcgisLayer | JsonList, output: Path, origin: Origin, options: LoadOptions
) -> None:
    if isinstance(source, ArcgisLayer):
        summary = export_arcgis(source.name, source.url, output, origin, options)
    else:
        summary = export_json_list(
            source.name, source.url, source.fields, output=output, origin=origin, options=options
        )
    print_json({"source": source.name, **summary.as_dict()})


def _load(
    tables: tuple[ArcgisLayer | JsonList, ...], name: str, origin: Origin, options: LoadOptions
) -> None:
    import snowflake.connector  # Slow to import, and only needed here.

    load_id = f"command-line {utc_now():%Y-%m-%dT%H:%M:%SZ}"
    for one in tables:
        load = load_arcgis if isinstance(one, ArcgisLayer) else load_json_list
        report = load(
            one,  # type: ignore[arg-type]  # The line above picks the one for its type.
            connect=lambda: snowflake.connector.connect(connection_name=name),
            database=database("RAW"),
            load_id=load_id,
            origin=origin,
            options=options,
        )
        print_json(report.as_dict())


app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__)

Url = Annotated[str, typer.Argument(help="the address, for a layer up to its number")]
Output = Annotated[Path, typer.Option(help="the Parquet file to write, at the end or not at all")]
Where = Annotated[str, typer.Option(help="which rows, in the layer's own SQL")]
Concurrency = Annotated[int, typer.Option(min=1, max=32, help="requests in flight at once")]
PageSize = Annotated[int | None, typer.Option(min=1, help="rows a request; the server may cap it")]
RetrySeconds = Annotated[float, typer.Option(min=0, help="how long to try a failing request again")]
Bundle = Annotated[str | None, typer.Option(help="a PEM file of certificates to trust as well")]
Token = Annotated[str | None, typer.Option(envvar="ARCGIS_TOKEN", help="an ArcGIS token")]
Fields = Annotated[
    list[str] | None, typer.Option("--field", help="a declared field as NAME:TYPE; repeatable")
]


@app.command()
def arcgis(
    url: Url,
    output: Output,
    *,
    where: Where = "1=1",
    concurrency: Concurrency = 4,
    page_size: PageSize = None,
    retry_seconds: RetrySeconds = 300.0,
    ca_bundle: Bundle = None,
    token: Token = None,
) -> None:
    """Save an ArcGIS layer as GeoParquet, completely, and print a summary as JSON."""
    options = LoadOptions(
        where=where, concurrency=concurrency, page_size=page_size, retry_seconds=retry_seconds
    )
    origin = Origin(ca_bundle=ca_bundle, token=token)
    with _told(url, options) as (name, shown):
        print_json(export_arcgis(name, url, output, origin, shown).as_dict())


@app.command()
def json_list(
    url: Url,
    output: Output,
    *,
    field: Fields = None,
    retry_seconds: RetrySeconds = 300.0,
    ca_bundle: Bundle = None,
) -> None:
    """Save a JSON list of flat objects as Parquet, and print a summary as JSON.

    Fields that are not declared with --field are kept as text.
    """
    fields = tuple(_declared(one) for one in field or [])
    options = LoadOptions(retry_seconds=retry_seconds)
    origin = Origin(ca_bundle=ca_bundle)
    with _told(url, options) as (name, shown):
        summary = export_json_list(name, url, fields, output=output, origin=origin, options=shown)
        print_json(summary.as_dict())


@app.command()
def trust(
    host: Annotated[str, typer.Argument(help="the server, as HOST or HOST:PORT")],
    output: Annotated[Path | None, typer.Option(help="the bundle to write; HOST.pem here")] = None,
) -> None:
    """Find the certificates that a server forgets to send, and write them for a person to review.

    Follows the issuer pointers in the server's own certificate. Nothing is trusted by it: the
    bundle works once it is committed as include/trust/SOURCE.pem or named in a connection.
    """
    name, _, port = host.partition(":")
    with failures_told():
        typer.echo(examine(name, int(port or 443), output or Path(f"{name}.pem")))


add_ours(app)


def _declared(text: str) -> JsonField:
    name, _, kind = text.rpartition(":")
    if not name or kind not in get_args(FieldType):
        raise typer.BadParameter(f"{text!r} is not NAME:TYPE with one of {get_args(FieldType)}")
    return JsonField(name, cast(FieldType, kind))


@contextmanager
def _told(url: str, options: LoadOptions) -> Iterator[tuple[str, LoadOptions]]:
    """A name for the source, and options with a progress bar; failures end the program."""
    name = urlsplit(url).hostname or url
    with failures_told(), progress_bar(name) as show:
        yield name, replace(options, progress=show)
