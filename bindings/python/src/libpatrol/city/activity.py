"""What happened in a period, from a department's log or from a simulation: the same tables for both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from libpatrol.enums import EventKind
from libpatrol.lab.simulation import EVENT_DTYPE, Simulation

_DAY = 86_400.0
_SLICE_SECONDS = 6 * 3600.0
_SLICE_EVENTS = 1 << 20
_OF_CALLS = (EventKind.CALL_CAME, EventKind.CALL_LOST, EventKind.CALL_REACHED, EventKind.CALL_ENDED)
_OF_RESPONSES = (EventKind.UNIT_SENT, EventKind.UNIT_DIVERTED, EventKind.UNIT_ON_SCENE, EventKind.UNIT_FREED)
_OF_WORK = (EventKind.WORK_BEGAN, EventKind.WORK_ENDED, EventKind.WORK_LEFT)
_OF_DUTY = (EventKind.SHIFT_BEGAN, EventKind.SHIFT_ENDED)
_KEPT = np.array([*_OF_CALLS, *_OF_RESPONSES, *_OF_WORK, *_OF_DUTY])


@dataclass(frozen=True)
class Activity:
    """Calls, responses and other work of a period. Times are seconds since a Monday 00:00, NaN where unknown.

    Attributes
    ----------
    calls : DataFrame
        ``received``, ``dispatched`` and ``arrived`` (the first unit's), ``cleared``, ``node``, ``beat`` (index),
        ``category`` (index), ``priority``, ``responding``; ascending by ``received``.
    responses : DataFrame
        ``call`` (row in ``calls``), ``unit`` (index), ``dispatched``, ``arrived``, ``cleared``.
    work : DataFrame
        Self-initiated and administrative work: ``unit`` (index, -1 unknown), ``start``, ``end``; in simulations also
        ``node``.
    duty : DataFrame
        ``unit``, ``start``, ``end`` of the time on duty.
    unit_times : UNIT_TIMES_DTYPE [units] or None
        How units spent the measured time of a simulation.
    """

    calls: pd.DataFrame
    responses: pd.DataFrame
    work: pd.DataFrame
    duty: pd.DataFrame
    unit_times: NDArray[np.void] | None = None

    def within(self, start: float, end: float) -> "Activity":
        """Return what began in a period; duty is cut to it."""
        duty = self.duty.assign(start=self.duty["start"].clip(start, end), end=self.duty["end"].clip(start, end))
        kept = self._begun(lambda times: times.between(start, end, inclusive="left"))
        return replace(kept, duty=duty[duty["end"] > duty["start"]].reset_index(drop=True), unit_times=None)

    def without(self, days: Sequence[int]) -> "Activity":
        """Return what did not begin on one of the days, counted from second 0; all duty stays."""
        return self._begun(lambda times: ~(times // _DAY).isin(days))

    def _begun(self, inside: Callable[[pd.Series], pd.Series]) -> "Activity":
        """Return the calls, their responses, and the work whose times of receipt and of beginning are inside."""
        calls, work = self.calls[inside(self.calls["received"])], self.work[inside(self.work["start"])]
        new = pd.Series(np.arange(len(calls)), calls.index)
        responses = self.responses[self.responses["call"].isin(calls.index)]
        responses = responses.assign(call=new.reindex(responses["call"]).to_numpy(np.int64))
        return replace(
            self,
            calls=calls.reset_index(drop=True),
            responses=responses.reset_index(drop=True),
            work=work.reset_index(drop=True),
        )

    def moved(self, seconds: float) -> "Activity":
        """Return the same with all times changed by so many seconds."""
        times = ["received", "dispatched", "arrived", "cleared", "start", "end"]

        def moved(table: pd.DataFrame) -> pd.DataFrame:
            present = [name for name in times if name in table]
            return table.assign(**{name: table[name] + seconds for name in present})

        own = {name: moved(getattr(self, name)) for name in ("calls", "responses", "work", "duty")}
        return replace(self, **own)

    @property
    def busy(self) -> pd.DataFrame:
        """Unit times that are committed: ``unit``, ``start``, ``end``, ``is_call``."""
        sent = self.responses.rename(columns={"dispatched": "start", "cleared": "end"})[["unit", "start", "end"]]
        both = pd.concat([sent.assign(is_call=True), self.work[["unit", "start", "end"]].assign(is_call=False)])
        return both[both["end"] > both["start"]].reset_index(drop=True)


def simulated(simulation: Simulation, seed: int, until_seconds: float) -> NDArray[np.void]:
    """Run a replication and return its events, as `continued` does.

    Parameters
    ----------
    simulation : Simulation
        Made with ``event_capacity`` of ``event_capacity()``.
    seed : int
        Of the replication.
    until_seconds : float
        Since a Monday 00:00.
    """
    simulation.restart(seed)
    return continued(simulation, until_seconds)


def continued(simulation: Simulation, until_seconds: float) -> NDArray[np.void]:
    """Run a replication on and return its new events, except patrol moves: EVENT_DTYPE [events]."""
    found: list[NDArray[np.void]] = []
    at = simulation.state.time_seconds
    while at < until_seconds:
        at = min(at + _SLICE_SECONDS, until_seconds)
        simulation.run(until_seconds=at)
        while len(events := simulation.read_events(1 << 16)):
            found.append(events[np.isin(events["kind"], _KEPT)])
    if simulation.state.events_lost:
        raise ValueError(f"more than {_SLICE_EVENTS:,} events in {_SLICE_SECONDS / 3600:g} hours: too busy to record")
    return np.concatenate(found) if found else np.empty(0, EVENT_DTYPE)


def event_capacity() -> int:
    """Return how many events a simulation must keep to be recorded."""
    return _SLICE_EVENTS


def of_events(
    events: NDArray[np.void], simulation: Simulation, until_seconds: float, node_beats: NDArray[np.int32]
) -> Activity:
    """Return what the events of a replication say happened.

    Parameters
    ----------
    events : EVENT_DTYPE [events]
        From ``simulated``.
    simulation : Simulation
        In which they happened.
    until_seconds : float
        When they end; nothing that happens later is known.
    node_beats : int32 [nodes]
        Beat of each node.
    """
    calls = _calls(events)
    calls["beat"] = node_beats[calls["node"].to_numpy(np.int64)]
    responses = _responses(events, calls)
    first = responses.dropna(subset="arrived").sort_values("arrived").groupby("call").first()
    sent = responses.groupby("call")["dispatched"].min()
    calls["dispatched"] = first["dispatched"].reindex(calls.index).fillna(sent.reindex(calls.index))
    calls["arrived"] = first["arrived"].reindex(calls.index)
    calls["responding"] = responses.groupby("call")["unit"].nunique().reindex(calls.index).fillna(0).astype(np.int64)
    work = _intervals(events, _OF_WORK, until_seconds)
    return Activity(calls, responses, work, _duty(events, simulation, until_seconds))


def _calls(events: NDArray[np.void]) -> pd.DataFrame:
    came = events[events["kind"] == EventKind.CALL_CAME]
    calls = pd.DataFrame(
        {
            "id": came["incident_id"].astype(np.int64),
            "received": came["time_seconds"],
            "node": came["node"].astype(np.int64),
            "category": came["category"].astype(np.int64),
            "priority": came["priority"].astype(np.int64),
        }
    )
    ended = events[events["kind"] == EventKind.CALL_ENDED]
    calls["cleared"] = (
        pd.Series(ended["time_seconds"], ended["incident_id"].astype(np.int64)).reindex(calls["id"]).array
    )
    return calls


def _responses(events: NDArray[np.void], calls: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each time that a unit was sent: until it was freed or sent elsewhere."""
    own = events[np.isin(events["kind"], _OF_RESPONSES)]
    order = np.argsort(own["unit"], kind="stable")
    own = own[order]
    is_sent = own["kind"] == EventKind.UNIT_SENT
    number = np.cumsum(is_sent) - 1
    known = number >= 0  # a recording begins with every unit free
    own, number = own[known], number[known]
    sent = own[own["kind"] == EventKind.UNIT_SENT]
    table = pd.DataFrame({"unit": sent["unit"].astype(np.int64), "dispatched": sent["time_seconds"]})
    table["call"] = pd.Series(calls.index, calls["id"]).reindex(sent["incident_id"].astype(np.int64)).to_numpy()
    for name, kinds in (
        ("arrived", (EventKind.UNIT_ON_SCENE,)),
        ("cleared", (EventKind.UNIT_FREED, EventKind.UNIT_DIVERTED)),
    ):
        chosen = np.isin(own["kind"], kinds)
        at = pd.Series(own["time_seconds"][chosen], number[chosen])
        table[name] = at[~at.index.duplicated()].reindex(table.index)
    table = table.dropna(subset="call").astype({"call": np.int64})
    return table[["call", "unit", "dispatched", "arrived", "cleared"]].sort_values("dispatched", ignore_index=True)


def _intervals(events: NDArray[np.void], kinds: tuple[EventKind, ...], end: float) -> pd.DataFrame:
    """Return the times between a beginning (the first kind) and an end (the others), by unit."""
    own = events[np.isin(events["kind"], kinds)]
    own = own[np.argsort(own["unit"], kind="stable")]
    begins = np.flatnonzero(own["kind"] == kinds[0])
    following = np.minimum(begins + 1, max(len(own) - 1, 0))
    closes = (following > begins) & (own["unit"][following] == own["unit"][begins])
    ends = np.where(closes, own["time_seconds"][following], end)
    return pd.DataFrame(
        {
            "unit": own["unit"][begins].astype(np.int64),
            "start": own["time_seconds"][begins],
            "end": ends,
            "node": own["node"][begins].astype(np.int64),
        }
    )


def _duty(events: NDArray[np.void], simulation: Simulation, end: float) -> pd.DataFrame:
    """Return when units were on duty; those whose first event ends a shift, or without one, began on duty."""
    start = simulation.scenario.arrays.start_seconds
    table = _intervals(events, _OF_DUTY, end)[["unit", "start", "end"]]
    own = events[np.isin(events["kind"], _OF_DUTY)]
    first = pd.Series(own["kind"], own["unit"]).groupby(level=0).first()
    ends = pd.Series(own["time_seconds"], own["unit"]).groupby(level=0).first()
    shifted = set(first.index)
    arrays = simulation.scenario.arrays
    with_shifts = set() if arrays.shifts is None else set(arrays.shifts["unit"].tolist())
    more = [(unit, start, float(ends[unit])) for unit in shifted if first[unit] == EventKind.SHIFT_ENDED]
    more += [
        (unit, start, end)
        for unit in range(simulation.scenario.unit_count)
        if unit not in shifted and (unit not in with_shifts or _is_on_duty(arrays.shifts, unit, start))
    ]
    extra = pd.DataFrame(more, columns=["unit", "start", "end"])
    return pd.concat([table, extra], ignore_index=True) if len(extra) else table


def _is_on_duty(shifts: NDArray[np.void], unit: int, seconds: float) -> bool:
    hour = seconds / 3600 % 168
    own = shifts[shifts["unit"] == unit]
    return any(row["start_hour"] <= hour + week < row["end_hour"] for row in own for week in (0, 168))
