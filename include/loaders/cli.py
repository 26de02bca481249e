"""The loaders on the command line: save any layer or list, load one of ours, trust a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, cast, get_args
from urllib.parse import urlsplit

import typer

from include.loaders.export import export_arcgis, export_json_list
from include.loaders.options import LoadOptions, Origin
from include.loaders.ours import add_ours
from include.loaders.terminal import failures_told, print_json, progress_bar
from include.loaders.trust import examine
from include.sources import FieldType, JsonField

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
