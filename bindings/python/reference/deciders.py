"""Policies as one would write them with numpy and scipy, for the simulator in plain Python; snapshots of it.

Source: `Policies.md` for the policies, `Features.md` for coverage. Checks: the engine's decisions by the cost of
whole simulations, in `tests/test_twin.py`.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from libpatrol import NO_ID, NO_NODE, Snapshot, UnitStatus, incidents, units
from reference.simulator import Twin
from reference.simulator_records import FREE, Move, Phase, Send
from reference.tables import Tables


def snapshot_of(twin: Twin) -> Snapshot:
    """Return what the simulator would have its policies decide on: units and calls as they are known now."""
    kinds = twin.arrays.categories
    calls = incidents(len(twin.open))
    for row, call in zip(calls, twin.open, strict=True):
        row["id"], row["node"], row["category"] = call.number, call.node, call.category
        row["priority"], row["weight"], row["seconds_waited"] = call.priority, call.weight, twin.now - call.time
        row["service_seconds"] = kinds["service_mean_seconds"][call.category]
        row["required_capabilities"] = kinds["required_capabilities"][call.category]
        row["units_required"], row["units_assigned"] = call.required, call.assigned
        row["units_on_scene"] = call.on_scene
    crew = units(len(twin.units))
    for u, (row, unit) in enumerate(zip(crew, twin.units, strict=True)):
        if unit.phase is Phase.MOVING:
            twin.advance(u)
        row["capabilities"] = twin.arrays.units["capabilities"][u]
        row["node"], row["home_beat"] = unit.node, unit.home_beat
        # The policies go by the ratio of this hour.
        pace = twin.roads.departing(unit.entered).ratio / twin.roads.departing(twin.now).ratio
        row["seconds_to_node"] = unit.rest(twin.now) * pace
        row["seconds_until_shift_end"] = max(0.0, unit.shift_end - twin.now)
        row["incident_id"] = NO_ID if unit.call is None else unit.call.number
        if unit.phase in FREE:
            row["status"] = UnitStatus.PATROLLING
            row["target_node"] = unit.target if unit.phase is Phase.MOVING else NO_NODE
            row["seconds_until_due"] = 0.0 if unit.due else unit.phase_end - twin.now
        elif unit.phase is Phase.EN_ROUTE:
            row["status"], row["node"] = UnitStatus.EN_ROUTE, unit.call.node
            row["seconds_to_node"] = max(0.0, unit.phase_end - twin.now)
        else:
            row["status"] = UnitStatus.ON_SCENE if unit.phase is Phase.ON_SCENE else UnitStatus.OFF_DUTY
    visited = twin.last_visit
    for unit in twin.units:
        if unit.phase is Phase.STANDING:
            visited[unit.node] = twin.now
    return Snapshot(twin.now, crew, calls, location_idle_seconds=twin.now - visited)


class NumpyDecider:
    """Decides by "stay" or "marginal_coverage", and "closest_fcfs" or "minimum_weighted_travel".

    For calls that need one unit and any unit may serve, without holding. Units stand for places as in `Features.md`.
    """

    def __init__(self, tables: Tables, patrol: str, dispatch: str) -> None:
        self.tables, self.patrol_policy, self.dispatch_policy = tables, patrol, dispatch
        self.demand = tables.weighted / np.maximum(tables.weighted.sum(0), 1e-12)
        self.moves = [
            np.array([node, *sorted({int(end) for start, end in tables.city.edges if start == node})])
            for node in range(tables.city.node_count)
        ]

    def dispatch(self, twin: Twin) -> list[Send]:
        """Return the assignments of the dispatch policy."""
        free = [u for u, unit in enumerate(twin.units) if unit.phase in FREE]
        waiting = [call for call in twin.open if call.assigned == 0]
        if self.dispatch_policy == "closest_fcfs":
            sends = []
            for call in waiting:
                if not free:
                    break
                seconds, unit = min((twin.seconds_to(u, call.node), u) for u in free)
                free.remove(unit)
                sends.append(Send(unit, call, seconds))
            return sends
        for u in free:
            twin.advance(u)
        offset = np.array([twin.seconds_to(u, twin.units[u].node) for u in free])
        places = [twin.units[u].node for u in free]
        times = twin.roads.departing(twin.now).emergency
        seconds = offset[:, None] + times[np.ix_(places, [call.node for call in waiting])]
        weight = np.array([call.weight for call in waiting])
        urgency = np.array([10.0**7 if call.priority == 1 else 10.0**5 for call in waiting])
        rows, columns = linear_sum_assignment(urgency - weight * seconds, maximize=True)
        return [Send(free[i], waiting[j], float(seconds[i, j])) for i, j in zip(rows, columns, strict=True)]

    def patrol(self, twin: Twin) -> list[Move]:
        """Return the moves of the patrol policy."""
        if self.patrol_policy == "stay":
            return []
        tables = self.tables.departing(twin.now)
        free = [u for u, unit in enumerate(twin.units) if unit.phase in FREE]
        place = {u: twin.units[u].target if twin.units[u].target >= 0 else twin.units[u].node for u in free}
        on_duty = sum(unit.phase is not Phase.OFF_DUTY for unit in twin.units)
        cap = 6 * tables.tau(on_duty)
        demand = self.demand[:, int(twin.now // 3600) % self.demand.shape[1]]
        moves = []
        for u in free:
            if not twin.units[u].due:
                continue
            others = [place[other] for other in free if other != u]
            arrival = np.minimum(tables.g[others].min(0, initial=np.inf), cap)
            here = place[u]
            nodes = self.moves[here]
            edge = np.where(nodes == here, 0.0, tables.roads.patrol[here, nodes])
            gain = np.maximum(0, arrival - tables.g[nodes] - 0.5 * tables.rho * edge[:, None]) @ demand
            choice = int(gain.argmax())
            place[u] = int(nodes[choice])
            moves.append(Move(u, place[u], place[u], float(edge[choice])))
        return moves
