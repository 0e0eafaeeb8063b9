"""The statuses of dispatch systems, as the header has them."""

import json
import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Any

from libpatrol.enums import UnitStatus


def unit_status(name: str) -> UnitStatus:
    """Return the status that a unit has for the library, by a name that dispatch systems use.

    The page on unit statuses says what else a host sets. Codes differ between departments: a host maps its own to these
    names.

    Parameters
    ----------
    name : str
        Such as "En route" or "meal-but-available"; only letters count, and not their case.

    Raises
    ------
    ValueError
        For a name that is not in the table; the message has those that are like it.

    Examples
    --------
    >>> from libpatrol.statuses import unit_status
    >>> unit_status("Dispatched").name, unit_status("Transporting to jail").name
    ('EN_ROUTE', 'ON_SCENE')
    """
    return UnitStatus[status_row(name)["status"]]


def status_row(name: str) -> dict[str, Any]:
    """Return the row of `status_table` that has a name; the name is found as `unit_status` finds it.

    Raises
    ------
    ValueError
        For a name that is not in the table.

    Examples
    --------
    >>> from libpatrol.statuses import status_row
    >>> status_row("Clearing")["sent"]
    'by preemption'
    """
    known = _rows()
    wanted = _letters(name)
    if wanted not in known:
        like = get_close_matches(wanted, known, 3)
        hint = f", expected one like {', '.join(like)}" if like else ", expected one of the page on unit statuses"
        raise ValueError(f"the status is {name!r}{hint}")
    return known[wanted]


def status_table() -> list[dict[str, Any]]:
    """Return the table of the page on unit statuses.

    Returns
    -------
    list of dict
        `names`; `status`, a name of `UnitStatus`; `sent`, whether such a unit is sent to calls ("yes", "no", or
        "by preemption"); `patrols`, whether it is given patrol moves; `set`, which other fields a host sets.

    Examples
    --------
    >>> from libpatrol.statuses import status_table
    >>> [row["status"] for row in status_table() if "at hospital" in row["names"]]
    ['ON_SCENE']
    """
    rows: list[dict[str, Any]] = json.loads((files("libpatrol") / "data" / "unit_statuses.json").read_text("utf-8"))
    return rows


@cache
def _rows() -> dict[str, dict[str, Any]]:
    return {_letters(name): row for row in status_table() for name in row["names"]}


def _letters(name: str) -> str:
    return " ".join(re.findall(r"[a-z]+", name.lower()))
