"""The vectorized decision: its features entry by entry against the references, its decisions against the engine's."""

import numpy as np
import pytest

from benchmarks import policies
from libpatrol import Area, AreaArrays, Engine, Session, Snapshot
from libpatrol.synthetic.snapshots import sample_snapshot
from reference import features, vectorized
from reference.library import patrol_moves
from reference.moment import Moment
from reference.tables import Tables

UNITS, CALLS, SNAPSHOTS = 6, 5, 12


@pytest.fixture(scope="module")
def quick(city: AreaArrays, area: Area) -> vectorized.QuickTables:
    return vectorized.QuickTables(city, area.demand_points, area.patrol_locations, patrol_moves(area), UNITS)


@pytest.fixture(scope="module")
def snapshots(city: AreaArrays, area: Area) -> list[Snapshot]:
    """Return moments with free and busy units, whose calls are not in the snapshot."""
    rng = np.random.default_rng(4)
    sizes = {"unit_count": UNITS, "incident_count": CALLS, "busy_share": 0.3, "nodes": area.patrol_locations}
    return [sample_snapshot(city, rng, **sizes) for _ in range(SNAPSHOTS)]


def test_pair_features(city: AreaArrays, quick: vectorized.QuickTables, snapshots: list[Snapshot]) -> None:
    tables = Tables(city, quick.points, compliance_rows=UNITS)
    for snapshot in snapshots:
        moment, slow = vectorized.QuickMoment(quick, snapshot), Moment(tables, snapshot)
        pairs = np.zeros((len(moment.free), CALLS), [("unit", "u4"), ("incident", "u4")])
        pairs["unit"], pairs["incident"] = moment.free[:, None], np.arange(CALLS)
        found = vectorized.pair_features(moment, moment.to_calls())
        np.testing.assert_allclose(found.reshape(-1, 24), features.pair_features(slow, pairs.ravel()), atol=2e-5)


def test_candidate_features(city: AreaArrays, quick: vectorized.QuickTables, snapshots: list[Snapshot]) -> None:
    tables = Tables(city, quick.points, compliance_rows=UNITS)
    nodes = np.flatnonzero(quick.location >= 0)
    for snapshot in snapshots:
        slow, moment = Moment(tables, snapshot), vectorized.QuickMoment(quick, snapshot).after({})
        for unit in moment.free.tolist():
            found, moves = vectorized.candidate_features(moment, unit)
            candidates = np.array([(node,) for node in moves], [("node", "u4")])
            post = int(nodes[quick.location[nodes] == moment.post[unit]][0])
            assert post in slow.possible_posts(unit)
            np.testing.assert_allclose(found, features.candidate_features(slow, unit, candidates, post), atol=2e-5)


def test_decisions(area: Area, quick: vectorized.QuickTables, snapshots: list[Snapshot]) -> None:
    """A tie may fall otherwise in float32 sums: most decisions are the same, and those that differ are few."""
    session = Session(Engine(area, policies.policy("coverage")), UNITS, CALLS)
    numpy = vectorized.NumpyEngine(quick, (policies.HERE / "coverage.safetensors").read_bytes())
    found = np.array([vectorized.same_places(session.decide(one), numpy.decide(one)) for one in snapshots])
    same, total = found.sum(0)
    assert total > 2 * SNAPSHOTS and same >= 0.95 * total
