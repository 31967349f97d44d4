"""Codecs that print to the terminal, kept quiet: what matters is raised as an error or noted."""

import ctypes
import logging
import re
import warnings
from contextlib import suppress

from PIL import _imaging

_WARNING_MODULES = r"(PIL|pillow_heif)\."
_WARNING_FILTER = ("ignore", None, Warning, re.compile(_WARNING_MODULES), 0)


def silence_at_import() -> None:
    """Silence what can be silenced once: Pillow's log messages and libtiff's own printing.

    Pillow raises an error wherever libtiff reports one, so nothing is lost. Where libtiff is not
    found by its symbols (a static build), it goes on printing.
    """
    logging.getLogger("PIL").addHandler(logging.NullHandler())
    with suppress(OSError, AttributeError):
        codecs = ctypes.CDLL(_imaging.__file__)
        codecs.TIFFSetErrorHandler(None)
        codecs.TIFFSetWarningHandler(None)


def silence_warnings() -> None:
    """Ignore the codecs' Python warnings; to be called before each use of them.

    By module, so that nobody else's warnings are touched, and again whenever a caller has reset
    the filters. `warnings.catch_warnings` would not do: it is not safe with threads.
    """
    if _WARNING_FILTER not in warnings.filters:
        warnings.filterwarnings("ignore", module=_WARNING_MODULES)
