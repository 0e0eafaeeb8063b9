"""Draws the picture of the README and of the guide's first page: a city, its units and calls, and one decision.

    bindings/python/run python bindings/python/docs/draw_city.py [OUT]

Writes city.svg beside this file, or OUT in the format that its name ends with.
"""

import sys
from pathlib import Path

import matplotlib
import numpy as np

from libpatrol import NO_NODE, Answer, Area, AreaArrays, Engine, Policy, Session, Snapshot, UnitStatus
from libpatrol.enums import Mode
from libpatrol.synthetic import cities
from libpatrol.synthetic.snapshots import sample_snapshot

matplotlib.use("agg")
matplotlib.rcParams.update({"svg.hashsalt": "city", "font.size": 9})
from matplotlib import pyplot  # noqa: E402, after the choice of what draws

SEED = 11
CALL, HELD, FREE, BUSY, SENT = "#c0392b", "#d98b19", "#1f6fb2", "#8a97a0", "#2e8b57"


def main() -> None:
    """Draw one decision of the bundled policy in a generated city."""
    city = cities.irregular(140, seed=SEED)
    area = Area.from_arrays(**city)
    snapshot = sample_snapshot(city, np.random.default_rng(SEED), unit_count=9, incident_count=4, busy_share=0.25)
    with Session(Engine(area, Policy.bundled()), max_units=9, max_incidents=4) as session:
        answer = session.decide(snapshot)
    figure, axis = pyplot.subplots(figsize=(7.4, 5.0), layout="constrained")
    draw_roads(axis, city)
    for sent in answer.assignments:
        call = snapshot.incidents[snapshot.incidents["id"] == sent["incident_id"]][0]
        unit = snapshot.units[snapshot.units["id"] == sent["unit_id"]][0]
        draw_way(axis, area, city, unit["node"], call["node"], Mode.EMERGENCY, SENT, "sent to a call")
    for unit, move in zip(snapshot.units, answer.moves, strict=True):
        if move["target_node"] not in (NO_NODE, unit["node"]):
            draw_way(axis, area, city, unit["node"], move["target_node"], Mode.PATROL, FREE, "patrols to")
    draw_records(axis, city, snapshot, answer)
    handles, labels = axis.get_legend_handles_labels()
    known = dict(zip(labels, handles, strict=True))
    axis.legend(known.values(), known.keys(), loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
    axis.set_aspect("equal")
    axis.set_axis_off()
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("city.svg")
    figure.savefig(out, dpi=150, metadata={"Date": None} if out.suffix == ".svg" else None)


def draw_roads(axis: pyplot.Axes, city: AreaArrays) -> None:
    """Draw roads, and each corner as dark as calls are frequent there."""
    x, y = city.coordinates.T
    streets = city.edges[city.edges[:, 0] < city.edges[:, 1]]
    axis.plot(x[streets.T], y[streets.T], color="#d5dbe0", linewidth=1.4, zorder=1)
    rates = city.demand_calls_per_hour.sum((1, 2))
    axis.scatter(x, y, s=10 + 90 * rates / rates.max(), c=-rates, cmap="gray", alpha=0.45, linewidths=0, zorder=2)


def draw_way(
    axis: pyplot.Axes, area: Area, city: AreaArrays, start: int, end: int, mode: Mode, color: str, label: str
) -> None:
    """Draw the shortest path as an arrow along the roads."""
    x, y = city.coordinates[area.path(int(start), int(end), mode).nodes].T
    axis.plot(x, y, color=color, linewidth=2.4, alpha=0.85, zorder=3, label=label, solid_capstyle="round")
    if len(x) > 1:
        tip = {"arrowstyle": "-|>", "color": color, "linewidth": 2.4, "shrinkB": 5, "mutation_scale": 14}
        axis.annotate("", (x[-1], y[-1]), (x[-2], y[-2]), arrowprops=tip, zorder=3)


def draw_records(axis: pyplot.Axes, city: AreaArrays, snapshot: Snapshot, answer: Answer) -> None:
    """Draw units and calls where they are."""
    is_free = snapshot.units["status"] == UnitStatus.PATROLLING
    is_held = np.isin(snapshot.incidents["id"], answer.waits["incident_id"])
    groups = [
        (snapshot.units[is_free], "s", FREE, "free unit"),
        (snapshot.units[~is_free], "s", BUSY, "unit on a call"),
        (snapshot.incidents[~is_held], "o", CALL, "call"),
        (snapshot.incidents[is_held], "o", HELD, "call that is held"),
    ]
    for records, marker, color, label in groups:
        x, y = city.coordinates[records["node"]].T
        axis.scatter(x, y, s=110, marker=marker, color=color, edgecolors="white", zorder=4, label=label)
        for record, *place in zip(records, x, y, strict=True):
            axis.annotate(f"{record['id']}", place, color="white", fontsize=7, ha="center", va="center", zorder=5)


if __name__ == "__main__":
    main()
