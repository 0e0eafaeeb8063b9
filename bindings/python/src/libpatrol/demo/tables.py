"""Decisions as tables."""

import numpy as np
from rich.console import Console
from rich.table import Table

from libpatrol._abi import NO_NODE
from libpatrol.answer import Answer
from libpatrol.demand import CATEGORY_NAMES
from libpatrol.enums import MoveReason, UnitStatus, WaitReason
from libpatrol.session import Pairs
from libpatrol.snapshot import Snapshot

_MOVE = {
    MoveReason.POLICY: "the policy's best place",
    MoveReason.KEPT_TARGET: "keeps its target",
    MoveReason.RETURN_TO_BEAT: "returns to its beat",
    MoveReason.NO_CHOICE: "nowhere else to go",
    MoveReason.NOT_DUE: "on its way or staying",
    MoveReason.NOT_FREE: "not free",
    MoveReason.STALE_POSITION: "position too old",
}
_WAIT = {
    WaitReason.NO_ELIGIBLE_UNIT: "no free unit may serve it",
    WaitReason.UNITS_TAKEN: "every free unit serves another call",
    WaitReason.HELD: "held: keeping cover is worth more now",
    WaitReason.STRICT_PRIORITY: "the unit is kept for a more urgent call",
    WaitReason.RESERVE: "the unit is kept in its beat",
    WaitReason.ALL_OR_NONE: "fewer units than it needs at once",
}
_STATUS = {
    UnitStatus.OFF_DUTY: "off duty",
    UnitStatus.PATROLLING: "patrolling",
    UnitStatus.EN_ROUTE: "en route",
    UnitStatus.ON_SCENE: "on scene",
}


def show(console: Console, title: str, snapshot: Snapshot, pairs: Pairs, answer: Answer, rows: int = 30) -> None:
    """Print what was decided for the calls and for the units, and how the solver ended.

    Parameters
    ----------
    console : Console
        Where to.
    title : str
        Of this decision.
    snapshot : Snapshot
        What was decided about.
    pairs : Pairs
        Its eligible pairs, from which the runners-up come.
    answer : Answer
        What was decided.
    rows : int
        Most rows of a table.
    """
    console.rule(title)
    console.print(_calls(snapshot, pairs, answer, rows))
    console.print(_units(snapshot, answer, rows))
    console.print(
        f"solver [bold]{answer.solver_status.name}[/] · objective {answer.objective:.2f} · bound {answer.bound:.2f} · "
        f"{answer.nodes} nodes · whole decision {answer.microseconds / 1000:.2f} ms\n",
        highlight=False,
        soft_wrap=True,
    )


def _calls(snapshot: Snapshot, pairs: Pairs, answer: Answer, rows: int) -> Table:
    table = Table(title="Calls", title_justify="left")
    for column in ("call", "kind", "node", "waited", "unit sent", "travel", "runner-up", "its travel"):
        table.add_column(column, justify="left" if column in ("kind", "unit sent", "runner-up") else "right")
    sent = {int(row["incident_id"]): row for row in answer.assignments}
    left = {int(row["incident_id"]): row for row in answer.waits}
    units = {int(row["unit_id"]): row for row in answer.assignments}
    undecided = [index for index, call in enumerate(snapshot.incidents) if int(call["id"]) in sent.keys() | left.keys()]
    for index in undecided[:rows]:
        call = snapshot.incidents[index]
        known = [f"{call['id']}", CATEGORY_NAMES[call["category"]], f"{call['node']}", _clock(call["seconds_waited"])]
        assignment = sent.get(int(call["id"]))
        if assignment is None:
            reason = WaitReason(left[int(call["id"])]["reason"])
            table.add_row(
                *known, f"[yellow]waits: {_WAIT[reason]}[/]", "", *_runner_up(snapshot, pairs, index, None, units)
            )
        else:
            unit = int(assignment["unit_id"])
            runner_up = _runner_up(snapshot, pairs, index, unit, units)
            table.add_row(*known, f"[green]unit {unit}[/]", _clock(assignment["travel_seconds"]), *runner_up)
    _note_rest(table, len(undecided) - rows)
    return table


def _runner_up(
    snapshot: Snapshot, pairs: Pairs, incident: int, chosen: int | None, sent: dict[int, np.void]
) -> tuple[str, str]:
    """Return the nearest eligible unit that was not chosen for the call and where else it goes, and its travel time."""
    ids = snapshot.units["id"][pairs.pairs["unit"]]
    others = pairs.pairs["incident"] == incident
    if chosen is not None:
        others &= ids != chosen
    if not others.any():
        return "none", ""
    nearest = np.flatnonzero(others)[pairs.pairs["travel_seconds"][others].argmin()]
    elsewhere = sent.get(int(ids[nearest]))
    note = "" if elsewhere is None else f" (to call {elsewhere['incident_id']})"
    return f"unit {ids[nearest]}{note}", _clock(pairs.pairs["travel_seconds"][nearest])


def _units(snapshot: Snapshot, answer: Answer, rows: int) -> Table:
    table = Table(title="Units", title_justify="left")
    for column in ("unit", "status", "node", "goes to", "travel", "gain", "why"):
        table.add_column(column, justify="left" if column in ("status", "goes to", "why") else "right")
    sent = {int(row["unit_id"]): row for row in answer.assignments}
    for unit, move in list(zip(snapshot.units, answer.moves, strict=True))[:rows]:
        known = [f"{unit['id']}", _STATUS[UnitStatus(unit["status"])], f"{unit['node']}"]
        assignment = sent.get(int(unit["id"]))
        if assignment is not None:
            why = "dispatched"
            table.add_row(
                *known, f"[green]call {assignment['incident_id']}[/]", _clock(assignment["travel_seconds"]), "", why
            )
        elif move["target_node"] == NO_NODE:
            table.add_row(*known, "", "", "", f"[dim]{_MOVE[MoveReason(move['reason'])]}[/]")
        else:
            stays = move["target_node"] == unit["node"]
            place = f"stays {move['dwell_seconds']:.0f} s" if stays else f"node {move['target_node']}"
            travel = "" if stays else _clock(move["travel_seconds"])
            table.add_row(*known, place, travel, f"{move['gain']:+.3f}", _MOVE[MoveReason(move["reason"])])
    _note_rest(table, len(snapshot.units) - rows)
    return table


def _note_rest(table: Table, count: int) -> None:
    if count > 0:
        table.caption = f"and {count} more"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(float(seconds)), 60)
    return f"{minutes}:{rest:02d} min"
