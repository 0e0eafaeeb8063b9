"""The sections of the results page."""

from collections.abc import Sequence

from benchmarks.pages import table
from benchmarks.studies.ceiling.dispatch_part import DispatchRow
from benchmarks.studies.ceiling.patrol_part import DRIVING, FREE, PatrolRow
from benchmarks.studies.ceiling.rollouts import Effort
from benchmarks.studies.ceiling.teleport import MOVE_SECONDS, STAY_SECONDS
from benchmarks.studies.measures import EVENTS, mean, percent
from benchmarks.studies.pairs import BACKUP
from libpatrol.studies.measures import COST

_DISPATCH = """\
One-step rollouts (Bertsekas & Castañon 1999) of the best pair of heuristics of the results page, with tuned travel
limits where validation confirms them. At each dispatch decision that leaves a choice under the department's rules, up
to {alternatives} assignments that differ in one unit or two (another unit, another call, holding) are followed
beside the heuristics' own for {horizon:.0f} minutes: in copies of the simulation with calls and service times drawn
anew, the same for each assignment, {batch} futures at a time and {futures} at most, the heuristics deciding what
follows (units on patrol every {stay:g} minutes only, which halves the work). Where a call is held, calls like it go
on waiting for {hold:.0f} minutes while no more units are free (several policies are rolled out: Chang, Givan & Chong
2004). Alternatives that are behind by {clear:g} standard errors are dropped; the best is taken where it is ahead by
{clear:g}. No realized service time and no coming call is looked at. {replications} test replications of 48 h after
6 h of warm-up; *change* is the paired change of cost with its 95 % interval.

This is a **lower bound** of what dispatch could gain: it improves one step of the heuristics, noise hides small gains,
and patrol stays the heuristic's. It is no bound from above: what is learned from many decisions at once averages noise
that a single decision cannot, and later decisions can be better than the heuristics', too."""

_PATROL = """\
Units that are free may be **anywhere at once**: every place is a neighbor of every other, a patrol move takes
{move:g} s and a stay {stay:g} s. Emergency driving, calls and dispatch (minimum weighted travel, under the department's
rules) are the same. {replications} test replications of 48 h after 6 h of warm-up; changes of cost are paired, against
marginal coverage with units that drive. *Taken* is the part of the gap between marginal coverage and the better column
of free moves that a policy takes whose units drive, with a bootstrap interval over replications; where the gap is
small, so is what the share says. *Left* is what free moves would still gain on the best policy whose units drive, of
those shown, which is named; the next column compares the same two. Both are taken as best on these replications.

This is an **upper bound for heuristics that place free units by coverage**: no unit can be in its place sooner than at
once. It is none for all policies: the best places for the cost itself may differ from those of the best coverage, and
dispatch may be adapted to them."""


def dispatch_section(cells: Sequence[Sequence[DispatchRow]], effort: Effort, replications: int) -> list[str]:
    """Return title, text and table of the dispatch part."""
    about = _DISPATCH.format(
        alternatives=effort.most_alternatives, horizon=effort.horizon_seconds / 60, futures=effort.most_futures,
        batch=effort.batch, hold=effort.hold_seconds / 60, stay=effort.stay_seconds / 60, clear=effort.clear,
        replications=replications,
    )  # fmt: skip
    head = (
        "scenario", "dispatch", "cost", "change", "mean response, min", "p90, min", "lost", "decisions with a choice",
        "changed", "of these, holds", "events",
    )  # fmt: skip
    lines = [_dispatch_line(row) for rows in cells for row in rows]
    return ["## Dispatch: rollouts at the time of the decision", about, table(head, lines)]


def _dispatch_line(row: DispatchRow) -> list[str]:
    rules = "" if row.cell.rules == "on" else ", every call may be held"
    is_reference = row.reference is None
    changed = sum(tally.taken for tally in row.tallies)
    counts = ["", "", "", ""]
    if row.tallies:
        counts = [
            f"{100 * row.share('compared'):.0f} %",
            f"{100 * row.share('taken'):.1f} %",
            f"{100 * sum(tally.held for tally in row.tallies) / max(1, changed):.0f} %",
            f"{sum(tally.events for tally in row.tallies):.1e}",
        ]
    return [
        f"{row.cell.family} {row.cell.load}{rules}" if is_reference else "",
        row.title,
        *row.cells,
        *counts,
    ]


def patrol_section(rows: Sequence[PatrolRow], replications: int) -> list[str]:
    """Return title, text and table of the patrol part."""
    head = (
        "scenario", *(name.replace("_", " ") for name in DRIVING), "learned, trained for it",
        *(f"free: {name.replace('_', ' ')}" for name in FREE), "taken by backup coverage", "taken by learned", "left",
        "p90 of response, min", "events",
    )  # fmt: skip
    about = _PATROL.format(move=MOVE_SECONDS, stay=STAY_SECONDS, replications=replications)
    return ["## Patrol: units that may be anywhere at once", about, table(head, [_patrol_line(row) for row in rows])]


def _patrol_line(row: PatrolRow) -> list[str]:
    driving = [row.change(name) for name in (*DRIVING[1:], "learned")]
    events = sum(float(values[EVENTS.name].sum()) for values in [*row.driving.values(), *row.free.values()])
    return [
        f"{row.cell.family} {row.cell.load}",
        f"{mean([row.reference], COST):.4f}",
        *("" if change is None else percent(change) for change in driving),
        *(percent(row.change_if_free(name)) for name in FREE),
        _share(row.taken(BACKUP)),
        _share(row.taken("learned")),
        f"{percent(row.left)} ({row.best.replace('_', ' ')})",
        " → ".join(f"{seconds / 60:.2f}" for seconds in row.slowest),
        f"{events:.1e}",
    ]


def _share(taken: tuple[float, float, float] | None) -> str:
    return "" if taken is None else f"{100 * taken[0]:.0f} % ({100 * taken[1]:.0f} to {100 * taken[2]:.0f})"
