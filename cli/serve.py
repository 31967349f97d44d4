"""`rakkan serve`: the service over HTTP."""

from typing import Annotated

import typer

from cli.database import Address
from cli.index import HELP, some_place
from serving.settings import Settings


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port.")] = 8000,
    database: Address = None,
    index: Annotated[
        str | None,
        typer.Option(
            "--index",
            metavar="DIR",
            callback=some_place,
            help=f"{HELP} By default one in RAKKAN_HOME; made if there is none.",
        ),
    ] = None,
) -> None:
    """Score uploads over HTTP while their uploaders wait.

    Begin with `rakkan keys create`: every request but /healthz and /readyz shows a key. The form of
    requests and answers stands at /openapi.json.
    """
    # Only here: they take long to load.
    from api import create_app, open_service
    from api.logs import write_json
    from api.server import Server

    write_json()
    settings = Settings.of()
    service = open_service(settings, database=database, index=index)
    Server(create_app(service), service, host, port, drain=settings.drain_seconds).run()
