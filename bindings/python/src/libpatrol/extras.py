"""Optional dependencies, and the error if one is missing."""

from collections.abc import Iterator
from contextlib import contextmanager


class MissingExtraError(ImportError):
    """A package of an extra is not installed."""

    extra: str = ""
    """The extra."""


@contextmanager
def extra(name: str, user: str) -> Iterator[None]:
    """Import packages of the extra `name`, which `user` needs.

    Raises
    ------
    MissingExtraError
        If one is missing, also where a module that `user` imports needs it: which, and the command that installs it.
    """
    try:
        yield
    except MissingExtraError as inner:
        raise _missing(inner.extra, user, inner.name) from inner
    except ModuleNotFoundError as missing:
        raise _missing(name, user, missing.name) from missing


def _missing(name: str, user: str, module: str | None) -> MissingExtraError:
    package = (module or "").partition(".")[0]
    error = MissingExtraError(
        f"{user} needs the package {package}: install libpatrol with its extra {name}, from the wheel with "
        f"pip install './libpatrol-VERSION-py3-none-PLATFORM.whl[{name}]', from the source tree with "
        f"pip install './bindings/python[{name}]'",
        name=module,
    )
    error.extra = name
    return error
