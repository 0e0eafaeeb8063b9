"""A city from a department's own files: import, check, compare, staff, train, report (extra ``city``).

Modules here never have the name of a function of this package: importing one would replace the function.
"""

import os
from typing import TYPE_CHECKING, Any

from libpatrol.extras import extra

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
    with extra("city", "libpatrol.city"):
        from libpatrol.city.reading.importing import import_city as run

    return run(out, **sources)


def check(folder: str | os.PathLike[str], **options: Any) -> dict[str, Any]:
    """Fit a city's model, replay held-out weeks under current practice, and compare them with the log.

    Parameters
    ----------
    folder : path-like
        The city folder.
    **options
        As those of ``libpatrol.city.checking.check``.
    """
    with extra("city", "libpatrol.city"):
        from libpatrol.city.checking import check as run

    return run(folder, **options)


def compare(folder: str | os.PathLike[str], **options: Any) -> dict[str, Any]:
    """Simulate a city under several strategies, or with other beats, on the same calls.

    Parameters
    ----------
    folder : path-like
        The city folder, after ``check``.
    **options
        As those of ``libpatrol.city.comparing.compare``.
    """
    with extra("city", "libpatrol.city"):
        from libpatrol.city.comparing import compare as run

    return run(folder, **options)


def staff(folder: str | os.PathLike[str], **options: Any) -> dict[str, Any]:
    """Find hours and numbers of units for a target.

    Parameters
    ----------
    folder : path-like
        The city folder, after ``check``.
    **options
        As those of ``libpatrol.city.staffing.staff``.
    """
    with extra("city", "libpatrol.city"):
        from libpatrol.city.staffing import staff as run

    return run(folder, **options)


def train(folder: str | os.PathLike[str], **options: Any) -> dict[str, Any]:
    """Learn patrol and dispatch on a city's model.

    Parameters
    ----------
    folder : path-like
        The city folder, after ``check``.
    **options
        As those of ``libpatrol.city.learning.train``.
    """
    with extra("city", "libpatrol.city"):
        from libpatrol.city.learning import train as run

    return run(folder, **options)


def report(folder: str | os.PathLike[str], **options: Any) -> "Path":
    """Write the report of a city folder: one HTML file that loads nothing.

    Parameters
    ----------
    folder : path-like
        The city folder.
    **options
        As those of ``libpatrol.city.reporting.making.report``.
    """
    with extra("city", "libpatrol.city"):
        from libpatrol.city.reporting.making import report as run

    return run(folder, **options)
