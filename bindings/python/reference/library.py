"""What the references ask of the library, where that is not what they check.

The twin checks the simulator with the library's policies deciding in both; the vectorized decision chooses among the
engine's candidates.
"""

import numpy as np

from libpatrol import NO_NODE, Area, Engine, Session, Snapshot, Task, units
from reference.deciders import snapshot_of
from reference.simulator import Twin
from reference.simulator_records import Move, Send

_MOST_CALLS = 512


class LibraryDecider:
    """Decides with the library's policies on the twin's snapshots, as the simulator has them decide on its own."""

    def __init__(self, engine: Engine, unit_count: int) -> None:
        self.session = Session(engine, unit_count, _MOST_CALLS)
        self.options = {"deadline": None, "node_limit": 2000, "relative_gap": 1e-6}

    def dispatch(self, twin: Twin) -> list[Send]:
        """Return the assignments of the engine's dispatch policy."""
        answer = self.session.decide(snapshot_of(twin), tasks=Task.DISPATCH, **self.options)
        calls = {call.number: call for call in twin.open}
        return [
            Send(int(row["unit_id"]), calls[int(row["incident_id"])], float(row["travel_seconds"]))
            for row in answer.assignments
        ]

    def patrol(self, twin: Twin) -> list[Move]:
        """Return the moves of the engine's patrol policy."""
        answer = self.session.decide(snapshot_of(twin), tasks=Task.PATROL, **self.options)
        return [
            Move(u, int(row["target_node"]), int(row["next_node"]), float(row["travel_seconds"]))
            for u, row in enumerate(answer.moves)
            if row["target_node"] != NO_NODE
        ]


def patrol_moves(area: Area) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the candidates at each patrol location: their nodes, its own first, and patrol seconds to them."""
    session, unit, found = Session(Engine(area), 1, 0), units(1), []
    for node in area.patrol_locations:
        unit["node"] = node
        moves = session.candidates(Snapshot(0.0, unit), 0).moves
        found.append((moves["node"].astype(int), moves["travel_seconds"]))
    return found
