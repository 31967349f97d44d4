"""The one way to judge: settings, opening, sources, enrolment, and the one composition.

    with open_judge() as judge:
        print(judge.one(Path("upload.png").read_bytes()).ai.verdict)

What is listed here is public. It is loaded when it is first asked for: importing `serving` alone
loads no codec and no model.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from serving.enrol import Enrolled, Enroller, Enrolment
    from serving.errors import SettingsError, SourceError
    from serving.figures import ModelDescription
    from serving.judge import Examined, Judge
    from serving.opening import open_enroller, open_judge, open_searcher
    from serving.search import Searched, Searcher
    from serving.settings import Settings
    from serving.sources.files import items, read_image_file
    from serving.sources.item import Item, Locator
    from serving.stream import Judged, judge_stream

__all__ = [
    "Enrolled",
    "Enroller",
    "Enrolment",
    "Examined",
    "Item",
    "Judge",
    "Judged",
    "Locator",
    "ModelDescription",
    "Searched",
    "Searcher",
    "Settings",
    "SettingsError",
    "SourceError",
    "items",
    "judge_stream",
    "open_enroller",
    "open_judge",
    "open_searcher",
    "read_image_file",
]

_ROOMS = {
    "serving.enrol": ("Enrolled", "Enroller", "Enrolment"),
    "serving.errors": ("SettingsError", "SourceError"),
    "serving.figures": ("ModelDescription",),
    "serving.judge": ("Examined", "Judge"),
    "serving.opening": ("open_enroller", "open_judge", "open_searcher"),
    "serving.search": ("Searched", "Searcher"),
    "serving.settings": ("Settings",),
    "serving.sources.files": ("items", "read_image_file"),
    "serving.sources.item": ("Item", "Locator"),
    "serving.stream": ("Judged", "judge_stream"),
}


def __getattr__(name: str) -> object:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(room), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
