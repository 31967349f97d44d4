import io
import time

from rich.console import Console

from cli.reporting import on_terminal


def test_a_bar_ends_where_a_step_begins_and_each_step_leaves_a_line() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    with on_terminal(console, "images") as (tell, step):
        tell(3, 10)
        step("fitting the head")
        time.sleep(0)
        step("drawing the report")
    last = screen.getvalue().split("\x1b[2K")[-1]
    text = [line for line in screen.getvalue().splitlines() if "0.0 s" in line or ": " in line]
    assert any(line.startswith("Fitting the head: ") for line in _plain(text))
    assert any(line.startswith("Drawing the report: ") for line in _plain(text))
    assert "3/10" not in last, "the bar is not drawn again under a step"


def _plain(lines: list[str]) -> list[str]:
    return [line.rsplit("\x1b[2K", 1)[-1].split("\r")[-1] for line in lines]
