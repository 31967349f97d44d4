"""Packages of optional extras: missing is told apart from broken."""

from importlib.util import find_spec

from core.errors import MissingExtra


def require_extra(extra: str, purpose: str, *packages: str) -> None:
    """Check that the packages of an extra are installed, without importing them.

    To be called before they are imported: an error within one of them is then its own, and not
    taken for its absence.

    Args:
        extra: Its name in `pip install 'rakkan[...]'`.
        purpose: What needs it, as `training networks`; begins the sentence.
        packages: Top-level packages of it.

    Raises:
        MissingExtra: One is not installed; says how to install it.
    """
    missing = [package for package in packages if not is_installed(package)]
    if missing:
        raise MissingExtra(
            f"{purpose} needs {' and '.join(missing)}: pip install 'rakkan[{extra}]'"
        )


def is_installed(package: str) -> bool:
    """Whether a top-level package could be imported; it is not."""
    return find_spec(package) is not None
