"""Optional dependencies, and the error if one is missing."""

from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtraError(ImportError):
    """A package of an extra is not installed."""


@contextmanager
def extra(name: str, user: str) -> Iterator[None]:
    """Import packages of the extra `name`, which `user` needs.

    Raises
    ------
    MissingExtraError
        If one is missing: which, and the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as missing:
        package = (missing.name or "").partition(".")[0]
        raise MissingExtraError(
            f"{user} needs the package {package}: pip install 'libpatrol[{name}]'", name=missing.name
        ) from missing
