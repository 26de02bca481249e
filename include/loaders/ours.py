"""One command for each of our own sources: into its raw table, or into files to look at."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from include.loaders.export import export_arcgis, export_json_list
from include.loaders.loading import load_arcgis, load_json_list
from include.loaders.options import LoadOptions, Origin, utc_now
from include.loaders.terminal import failures_told, print_json
from include.sources import PARTS, ArcgisLayer, FivetranConnector, JsonList
from include.warehouse import database

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
