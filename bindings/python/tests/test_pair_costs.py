"""Costs and bonuses of pairs beside travel, under every dispatch policy, in records, and as a bonus for proposals."""

import copy
import json
from typing import Any

import numpy as np
import pytest

import libpatrol
from benchmarks.policies import networks
from libpatrol import PAIR_COST_DTYPE, Area, Engine, PatrolError, Session, Snapshot, Status, Task, audit
from libpatrol.enums import BadRows, RowField, SnapshotTable
from reference.instances import HEURISTICS, places, snapshot
from reference.rules import RULES_OFF

POLICIES = (*HEURISTICS, "learned")


def costs(*rows: tuple[int, int, float]) -> np.ndarray:
    return np.array([(*row, 0) for row in rows], PAIR_COST_DTYPE)


def engine(area: Area, dispatch: str, **options: Any) -> Engine:
    policy = networks("general") if dispatch == "learned" else None
    return Engine(area, policy, dispatch_policy=dispatch, compliance_rows=4, **options)


def session(area: Area, dispatch: str, **options: Any) -> Session:
    return Session(engine(area, dispatch, **options), 12, 12)


def two_units(area: Area) -> Snapshot:
    """A call with two units at 100 s and 160 s."""
    units, calls = libpatrol.units(2), libpatrol.incidents(1)
    units["node"], calls["node"] = 5, 50
    return Snapshot(0.0, units, calls, travel_seconds=np.array([[100.0], [160.0]]))


@pytest.mark.parametrize("dispatch", HEURISTICS)
def test_the_unit_with_less_travel_and_cost_goes(dispatch: str, area: Area) -> None:
    now, decider = two_units(area), session(area, dispatch)
    for given, unit in (
        ([], 0),
        ([(0, 0, 59.0)], 0),
        ([(0, 0, 61.0)], 1),
        ([(1, 0, -59.0)], 0),
        ([(1, 0, -61.0)], 1),
        ([(1, 0, -1e5)], 1),
        ([(0, 0, 40.0), (1, 0, -30.0)], 1),
        ([(0, 0, 30.0), (0, 0, 31.0)], 1),
        ([(0, 0, 1e9), (0, 0, -1e9)], 0),
    ):
        now.pair_costs = costs(*given)
        answer = decider.decide(now, deadline=None)
        assert answer.assignments["unit_id"].tolist() == [unit], given
        assert answer.assignments["travel_seconds"].tolist() == [[100.0, 160.0][unit]]


def test_a_large_cost_outweighs_networks(area: Area) -> None:
    now, decider = two_units(area), session(area, "learned")
    for bonus in (0, 1):
        now.pair_costs = costs((bonus, 0, -20_000.0))
        assert decider.decide(now, deadline=None).assignments["unit_id"].tolist() == [bonus]


@pytest.mark.parametrize("dispatch", HEURISTICS)
def test_costs_are_as_longer_travel_where_no_rule_looks_at_travel(dispatch: str) -> None:
    """Of a host whose travel times hold the costs already."""
    changed = 0
    for index in range(60):
        place, rng = places()[index % 2], np.random.default_rng([5, index])
        taken = snapshot(place.city, rng, 10, 8)
        decider = session(place.area, dispatch, **RULES_OFF)
        travel = place.roads.emergency[np.ix_(taken.units["node"], taken.incidents["node"])].astype(np.float32)
        more = rng.choice([0.0, 64.0, 512.0], travel.shape).astype(np.float32)
        pairs = np.argwhere(more > 0)
        taken.travel_seconds = travel
        plain = decider.decide(taken, tasks=Task.DISPATCH, deadline=None)
        taken.pair_costs = costs(*((u, c, more[u, c]) for u, c in pairs[rng.permutation(len(pairs))].tolist()))
        charged = decider.decide(taken, tasks=Task.DISPATCH, deadline=None)
        taken.pair_costs, taken.travel_seconds = None, travel + more
        longer = decider.decide(taken, tasks=Task.DISPATCH, deadline=None)
        sent = ["unit_id", "incident_id", "diverted_from"]
        assert charged.assignments[sent].tolist() == longer.assignments[sent].tolist(), index
        assert charged.waits.tobytes() == longer.waits.tobytes()
        if dispatch == "minimum_weighted_travel":
            assert charged.objective == pytest.approx(longer.objective, rel=1e-12)
        changed += plain.assignments[sent].tolist() != charged.assignments[sent].tolist()
    assert changed > 15


@pytest.mark.parametrize("dispatch", POLICIES)
def test_rules_go_by_travel_alone(dispatch: str, area: Area) -> None:
    now = two_units(area)
    now.pair_costs = costs((0, 0, -1000.0), (1, 0, 1000.0))
    for options in (
        {"maximum_travel_seconds": 90.0},
        {"hold_travel_seconds": [[90.0, 90.0]], "never_hold_priority": 0},
    ):
        rules = {"longest_hold_seconds": [float("inf")] * 8} | options
        assert len(session(area, dispatch, **rules).decide(now, deadline=None).assignments) == 0
    far = session(area, dispatch, maximum_travel_seconds=120.0)
    assert far.decide(now, deadline=None).assignments["unit_id"].tolist() == [0]


def test_losses_and_ranks_have_the_costs(area: Area) -> None:
    now, decider = two_units(area), session(area, "minimum_weighted_travel", discount_rate=0.0)
    now.incidents["weight"] = 2.0
    now.pair_costs = costs((0, 0, 100.0))
    (explained,) = decider.explain(now, deadline=None)
    assert explained[["unit_id", "runner_up_unit_id", "objective_loss"]].tolist() == (1, 0, 2.0 * (200.0 - 160.0))
    assert decider.rank_units(now, 0)[["unit_id", "worth"]].tolist() == [(1, -320.0), (0, -400.0)]
    (explained,) = session(area, "closest_fcfs").explain(now, deadline=None)
    assert explained["objective_loss"] == 80.0


def test_the_program_has_the_costs(area: Area) -> None:
    now, decider = two_units(area), session(area, "learned")
    without = decider.program(now)
    now.pair_costs = costs((0, 0, 0.0))
    assert decider.program(now) == without
    now.pair_costs = costs((0, 0, 10.0))
    assert decider.program(now) != without


@pytest.mark.parametrize("dispatch", POLICIES)
def test_records_keep_the_costs(dispatch: str) -> None:
    place = places()[0]
    maker, previous, log = engine(place.area, dispatch), b"", b""
    decider = Session(maker, 12, 12)
    for index in range(12):
        rng = np.random.default_rng([9, index])
        now = snapshot(place.city, rng, 10, 8)
        before = maker.record(now, decider.decide(now, deadline=None), deadline=None)
        assert audit.record_info(before).format == 2
        rows = 0 if len(now.units) * len(now.incidents) == 0 else 9
        now.pair_costs = costs(
            *((rng.integers(len(now.units)), rng.integers(len(now.incidents)), rng.normal(0, 300)) for _ in range(rows))
        )
        answer = decider.decide(now, deadline=None)
        record = maker.record(now, answer, deadline=None)
        again = maker.replay(record)
        assert again.assignments.tobytes() == answer.assignments.tobytes() and again.objective == answer.objective
        assert audit.record_info(record).format == (4 if rows else 2)
        previous = maker.record(now, answer, after=previous, deadline=None)
        log += previous
        text = json.loads(audit.to_json(record, maker))
        named = [(row["unit"], row["incident"], np.float32(row["seconds"])) for row in text.get("pair_costs", [])]
        assert named == now.pair_costs[["unit", "incident", "seconds"]].tolist()
    assert audit.check(log).records == 12


def test_a_record_of_another_size_is_damaged(area: Area) -> None:
    now, maker = two_units(area), engine(area, "closest_fcfs")
    now.pair_costs = costs((0, 0, 5.0))
    record = bytearray(maker.record(now, Session(maker, 2, 1).decide(now)))
    place = 48 + 64 + 56 + 16 + 32
    for part, size in ((0, 72), (0, 1 << 40), (8, 137), (16, 0)):
        broken = record.copy()
        broken[place + part : place + part + 8] = size.to_bytes(8, "little")
        with pytest.raises(PatrolError) as caught:
            maker.replay(bytes(broken))
        assert caught.value.status is Status.INVALID_FILE


def test_a_bad_cost_counts_as_none(area: Area) -> None:
    now, decider = two_units(area), session(area, "closest_fcfs")
    for row, field in (
        ((2, 0, 1.0), RowField.UNIT),
        ((0, 1, 1.0), RowField.INCIDENT),
        ((0, 0, np.nan), RowField.SECONDS),
        ((0, 0, -np.inf), RowField.SECONDS),
        ((0, 0, 1.1e9), RowField.SECONDS),
    ):
        now.pair_costs = costs((1, 0, -61.0), row)
        with pytest.warns(libpatrol.errors.LeftOutWarning, match=r"pair_costs\[1\]"):
            answer = decider.decide(now)
        assert answer.issues[["table", "row", "field"]].tolist() == [(SnapshotTable.PAIR_COSTS, 1, field)]
        assert answer.assignments["unit_id"].tolist() == [1]
        with pytest.raises(PatrolError, match=r"pair_costs\[1\]"):
            decider.decide(now, bad_rows=BadRows.REFUSE)


def test_a_proposal_with_a_bonus_is_kept(area: Area) -> None:
    """Also where units and calls have come and gone, and in another order."""
    now, decider = two_units(area), session(area, "minimum_weighted_travel")
    proposed = decider.decide(now)
    later = two_units(area)
    later.travel_seconds = np.array([[100.0], [70.0]])
    assert decider.decide(later).assignments["unit_id"].tolist() == [1]
    later.pair_costs = proposed.bonus(later, 31.0)
    assert decider.decide(later).assignments["unit_id"].tolist() == [0]
    later.pair_costs = proposed.bonus(later, 29.0)
    assert decider.decide(later).assignments["unit_id"].tolist() == [1]
    later.travel_seconds, later.units = None, later.units[::-1].copy()
    assert proposed.bonus(later, 29.0).tolist() == [(1, 0, -29.0, 0)]
    later.units = later.units[:1]
    assert len(proposed.bonus(later, 29.0)) == 0


def test_snapshots_are_copied_with_their_costs(area: Area) -> None:
    now = two_units(area)
    now.pair_costs = costs((1, 0, -61.0))
    other = copy.copy(now)
    assert other.pair_costs.tobytes() == now.pair_costs.tobytes()
    with pytest.raises(ValueError, match="pair_costs"):
        now.pair_costs = np.zeros(2)
