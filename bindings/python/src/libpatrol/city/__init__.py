"""A city from a department's own files: import, check, compare, staff, train, report (extra ``city``).

Modules here never have the name of a function of this package: importing one would replace the function.
"""

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from libpatrol.city.folder import CityFolder


def open_city(path: str | os.PathLike[str]) -> "CityFolder":
    """Open a city folder that ``libpatrol import`` has written.

    Parameters
    ----------
    path : path-like
        The folder.

    Raises
    ------
    ValueError
        If it is no city folder, or not whole.
    """
    from libpatrol.city.folder import CityFolder

    return CityFolder(path)


def import_city(out: str | os.PathLike[str], **sources: Any) -> "CityFolder":
    """Read a department's files into a city folder.

    Parameters
    ----------
    out : path-like
        The folder to write.
    **sources
        As those of ``libpatrol.city.reading.importing.import_city``.
    """
    from libpatrol.city.reading.importing import import_city as run

    return run(out, **sources)


def report(folder: str | os.PathLike[str], **options: Any) -> "Path":
    """Write the report of a city folder: one HTML file that loads nothing.

    Parameters
    ----------
    folder : path-like
        The city folder.
    **options
        As those of ``libpatrol.city.reporting.making.report``.
    """
    from libpatrol.city.reporting.making import report as run

    return run(folder, **options)
