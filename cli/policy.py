"""`rakkan policy`: the rules of a platform."""

import typer

from cli.replay import replay

app = typer.Typer(no_args_is_help=True, add_completion=False)
app.command()(replay)


@app.callback()
def policy() -> None:
    """Policies: the rules by which a platform decides."""
