"""The table of unit statuses: what it promises is what the library decides, and the page shows it."""

import numpy as np
import pytest
from conftest import REPOSITORY

import libpatrol
from libpatrol import NO_ID, Area, Engine, MoveReason, Session, Snapshot, UnitStatus
from libpatrol.statuses import status_table, unit_status

NAMES = [name for row in status_table() for name in row["names"]]
PAGE = REPOSITORY / "Sources" / "PatrolModel" / "Statuses.md"


def unit(row: dict[str, object], *, due: float) -> Snapshot:
    """Return one unit of such a status, at a call of priority 3, beside a call of priority 1."""
    crew, calls = libpatrol.units(1), libpatrol.incidents(2)
    crew["node"], crew["status"] = 5, UnitStatus[row["status"]]
    calls["node"], calls["priority"] = [50, 51], [3, 1]
    wording = str(row["set"])
    crew["seconds_until_due"] = due if "seconds_until_due" in wording else 0.0
    crew["seconds_until_free"] = 900.0 if "`seconds_until_free`" in wording and "NAN" not in wording else np.nan
    if "target_node`: where" in wording:
        crew["target_node"] = 7
    if "`incident_id`" in wording and "no `incident_id`" not in wording:
        crew["incident_id"], calls["units_assigned"][0] = 0, 1
        calls["units_on_scene"][0] = row["status"] == "ON_SCENE"
    crew["may_leave_scene"] = "`may_leave_scene` 1" in wording
    return Snapshot(0.0, crew, calls)


@pytest.mark.parametrize("row", status_table(), ids=lambda row: row["names"][0])
def test_a_unit_is_sent_as_the_table_says(row: dict[str, object], area: Area) -> None:
    for allowed in (False, True):
        preemption = np.zeros((8, 8), bool)
        preemption[2, 0] = allowed
        session = Session(Engine(area, dispatch_policy="priority_closest", preemption=preemption), 1, 2)
        answer = session.decide(unit(row, due=60.0))
        assert len(answer.assignments) == (row["sent"] == "yes" or (row["sent"] == "by preemption" and allowed))
        left = answer.assignments["diverted_from"].tolist()
        assert left in ([], [NO_ID] if row["sent"] == "yes" else [0])


@pytest.mark.parametrize("row", status_table(), ids=lambda row: row["names"][0])
def test_a_unit_patrols_as_the_table_says(row: dict[str, object], area: Area) -> None:
    session = Session(Engine(area, patrol_policy="marginal_coverage"), 1, 2)
    (move,) = session.decide(unit(row, due=60.0), tasks=libpatrol.Task.PATROL).moves
    decided = move["reason"] < MoveReason.NOT_DUE
    assert decided == row["patrols"]
    if row["status"] == "PATROLLING" and not row["patrols"]:
        assert move["reason"] == MoveReason.NOT_DUE
        (move,) = session.decide(unit(row, due=0.0), tasks=libpatrol.Task.PATROL).moves
        assert move["reason"] < MoveReason.NOT_DUE


def test_names_are_found_however_they_are_written() -> None:
    assert len(set(NAMES)) == len(NAMES) > 50
    assert unit_status("EN_ROUTE") is unit_status("En-Route ") is unit_status("en route") is UnitStatus.EN_ROUTE
    for row in status_table():
        for name in row["names"]:
            assert unit_status(name.upper().replace(" ", "_")) is UnitStatus[row["status"]]
    with pytest.raises(ValueError, match=r"'transporing', expected one like transporting"):
        unit_status("transporing")
    with pytest.raises(ValueError, match="page on unit statuses"):
        unit_status("xyzzy")


def test_the_page_has_the_table() -> None:
    rows = []
    for row in status_table():
        cells = (
            ", ".join(row["names"]),
            f"`{row['status']}`",
            row["sent"],
            "yes" if row["patrols"] else "no",
            row["set"],
        )
        rows.append(f"| {' | '.join(cells)} |")
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("| ") and "`" in line] == rows
