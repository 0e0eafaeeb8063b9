"""Generated scenarios: cities, fleets, calls and loads by number, to train and test general policies on."""

import numpy as np

from libpatrol.scenario.description import ScenarioDescription
from libpatrol.scenario.tables import CategoryTable, CityTable, DemandTable, FleetTable, QueueTable, RunTable


def generated(number: int) -> ScenarioDescription:
    """Return a scenario drawn at random: the same number gives the same scenario.

    Grids of 49 to 144 places, two beats with few crossings, or irregular roads of 60 to 200 places; 3 to 10 units at an
    offered load of 0.25 to 0.85; calls spread evenly, from hotspots, or from hotspots that change with the
    hour; two or three categories.

    Parameters
    ----------
    number : int
        0 or more.
    """
    rng = np.random.default_rng((0x70A7, number))
    places = int(rng.integers(0, 5))
    load = round(float(rng.uniform(0.25, 0.85)), 2)
    units = int(rng.integers(3, 11))
    city = _city(rng)
    return ScenarioDescription(
        description=f"Generated: {units} units, offered load {load:g}, calls from {places or 'no'} places above others",
        city=city,
        fleet=FleetTable(units=units),
        categories=_categories(rng),
        demand=DemandTable(
            hotspots=rng.uniform(0.1, 0.9, (places, 2)).round(2).tolist(),
            busiest_hours=rng.integers(0, 24, places).astype(float).tolist() if places and rng.random() < 0.5 else None,
            concentration=round(float(rng.uniform(0.3, 0.8)), 2),
            width=round(float(rng.uniform(0.08, 0.2)), 2),
        ),
        loads={"own": load},
        default_load="own",
        shifts=(),
        queue=QueueTable(capacity=2 * units),
        work=None,
        out_of_service=None,
        storms=(),
        run=RunTable(),
        group_weights=None,
        response_targets_seconds=[480.0, 1200.0],
        grace_seconds=[],
        rules={},
    )


def _city(rng: np.random.Generator) -> CityTable:
    rows, columns, nodes = (int(rng.integers(low, high)) for low, high in ((7, 13), (7, 13), (60, 201)))
    return CityTable(
        generator=("grid", "two_beats", "irregular")[int(rng.choice(3, p=(0.4, 0.1, 0.5)))],
        rows=rows,
        columns=columns,
        nodes=nodes,
        beats=int(rng.integers(2, 8)),
        block_metres=float(rng.integers(300, 701)),
        seed=int(rng.integers(1 << 31)),
    )


def _categories(rng: np.random.Generator) -> tuple[CategoryTable, ...]:
    count = int(rng.integers(2, 4))
    shares = rng.uniform(0.2, 1.0, count)
    weights = np.sort(rng.uniform(1.0, 5.0, count))[::-1]
    weights[-1] = 1.0
    return tuple(
        CategoryTable(
            name=f"category {k + 1}",
            priority=k + 1,
            share=round(float(shares[k] / shares.sum()), 2),
            weight=round(float(weights[k]), 1),
            service_mean_seconds=float(rng.integers(10, 31) * 60),
        )
        for k in range(count)
    )
