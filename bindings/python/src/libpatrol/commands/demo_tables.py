"""Decisions as tables."""

import math

import numpy as np
from rich.table import Table

from libpatrol._native.abi import NO_NODE
from libpatrol.answer import Answer
from libpatrol.commands.console import Console, styled
from libpatrol.enums import MoveReason, UnitStatus, WaitReason
from libpatrol.explanations import Explanation, Explanations
from libpatrol.snapshot import Snapshot
from libpatrol.synthetic.demand import CATEGORY_NAMES

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
    WaitReason.ALL_OR_NONE: "fewer units free than it needs at once",
}
_STATUS = {
    UnitStatus.OFF_DUTY: "off duty",
    UnitStatus.PATROLLING: "patrolling",
    UnitStatus.EN_ROUTE: "en route",
    UnitStatus.ON_SCENE: "on scene",
}


def show(
    console: Console, title: str, snapshot: Snapshot, answer: Answer, explanations: Explanations, rows: int = 30
) -> None:
    """Print what was decided for the calls and for the units, and how the solver ended.

    Parameters
    ----------
    console : Console
        Console to print on.
    title : str
        Title of this decision.
    snapshot : Snapshot
        Input of the decision.
    answer : Answer
        The decision.
    explanations : Explanations
        The reasons for it.
    rows : int
        Maximum number of rows per table.
    """
    console.rule(title)
    if len(calls := _decided(snapshot, answer, explanations)):
        console.print(_calls(calls, answer, rows))
    console.print(_units(snapshot, answer, rows))
    console.line(
        "solver ",
        (answer.solver_status.name, "bold"),
        f" · objective {answer.objective:.2f} · bound {answer.bound:.2f} · {answer.nodes} nodes · "
        f"whole decision {answer.microseconds / 1000:.2f} ms\n",
    )


def _calls(decided: list[tuple[np.void, Explanation | None]], answer: Answer, rows: int) -> Table:
    table = Table(title="Calls (times in minutes, losses in weighted seconds)", title_justify="left")
    for column in ("call", "kind", "waited", "unit sent", "travel", "runner up", "its travel", "would lose"):
        table.add_column(column, justify="left" if column in ("kind", "unit sent", "runner up") else "right")
    missing = {int(wait["incident_id"]): wait for wait in answer.waits}
    for call, explanation in decided[:rows]:
        known = [f"{call['id']}", CATEGORY_NAMES[call["category"]], _clock(call["seconds_waited"])]
        if explanation is None:
            wait = missing[int(call["id"])]
            units = f" ({wait['units_missing']} units missing)" if wait["units_missing"] > 1 else ""
            table.add_row(*known, styled(f"waits: {_WAIT[WaitReason(wait['reason'])]}{units}", "yellow"))
        else:
            sent = styled(f"unit {explanation['unit_id']}", "green")
            table.add_row(*known, sent, _clock(explanation["travel_seconds"]), *_runner_up(explanation, answer))
    _note_rest(table, len(decided) - rows)
    return table


def _decided(
    snapshot: Snapshot, answer: Answer, explanations: Explanations
) -> list[tuple[np.void, Explanation | None]]:
    """Return each call of the decision with the explanation for each unit that is sent, and None if it waits."""
    lines: list[tuple[np.void, Explanation | None]] = []
    for call in snapshot.incidents:
        lines += [(call, explanation) for explanation in explanations[explanations["incident_id"] == call["id"]]]
        lines += [(call, None)] if call["id"] in answer.waits["incident_id"] else []
    return lines


def _runner_up(explanation: Explanation, answer: Answer) -> tuple[str, str, str]:
    """Return who would go instead and where else it goes, its travel time, and what that would lose."""
    lost = float(explanation["objective_loss"])
    loss = f"{lost:.1f}" if math.isfinite(lost) else "one unit fewer"
    unit = explanation.runner_up_unit_id
    if unit is None:
        return "nobody: it would wait", "", loss
    elsewhere = answer.assignments[answer.assignments["unit_id"] == unit]
    note = f" (to call {elsewhere['incident_id'][0]})" if len(elsewhere) else ""
    return f"unit {unit}{note}", _clock(explanation["runner_up_travel_seconds"]), loss


def _units(snapshot: Snapshot, answer: Answer, rows: int) -> Table:
    table = Table(title="Units (times in minutes)", title_justify="left")
    for column in ("unit", "status", "node", "goes to", "travel", "gain", "why"):
        table.add_column(column, justify="left" if column in ("status", "goes to", "why") else "right")
    sent = {int(row["unit_id"]): row for row in answer.assignments}
    for unit, move in list(zip(snapshot.units, answer.moves, strict=True))[:rows]:
        known = [f"{unit['id']}", _STATUS[UnitStatus(unit["status"])], f"{unit['node']}"]
        assignment = sent.get(int(unit["id"]))
        if assignment is not None:
            call = styled(f"call {assignment['incident_id']}", "green")
            table.add_row(*known, call, _clock(assignment["travel_seconds"]), "", "dispatched")
        elif move["target_node"] == NO_NODE:
            table.add_row(*known, "", "", "", styled(_MOVE[MoveReason(move["reason"])], "dim"))
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
    return f"{minutes}:{rest:02d}"
