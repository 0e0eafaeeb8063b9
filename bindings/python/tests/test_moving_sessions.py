"""Sessions that move from one engine to another of the same area."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from libpatrol import Answer, Area, Engine, PatrolError, Policy, Session, Snapshot, Status
from libpatrol.files import write_policy
from reference.instances import Place, places, snapshot
from reference.networks import random_layers, state_dict, value_network


def policy(seed: int, directory: Path, hidden: int = 6) -> Policy:
    """Return networks of one shape, other for each seed."""
    rng = np.random.default_rng(seed)
    write_policy(
        directory / "policy",
        patrol=state_dict(random_layers(rng, [28, 8, 1])),
        pair=state_dict(random_layers(rng, [24, 8, 1])),
        value=value_network(rng, hidden, 0, 0.0),
    )
    return Policy.load(directory / "policy")


def same(one: Answer, other: Answer) -> bool:
    return one.objective == other.objective and all(
        a.tobytes() == b.tobytes() for a, b in zip(one[:3], other[:3], strict=True)
    )


def moments(place: Place, seed: int) -> list[Snapshot]:
    return [snapshot(place.city, np.random.default_rng([seed, index]), 10, 8) for index in range(6)]


@pytest.mark.parametrize("place", places())
def test_a_session_that_moved_decides_as_a_new_one(place: Place, tmp_path: Path) -> None:
    """After decisions with another policy, other rules and other weights, whatever it keeps of them."""
    groups = place.area.info.group_count
    session, moves = None, set()
    for turn in range(8):
        rng = np.random.default_rng([3, turn])
        engine = Engine(
            place.area,
            policy(turn, tmp_path),
            group_weights=rng.uniform(0.2, 5.0, groups),
            never_hold_priority=int(rng.integers(0, 4)),
            discount_rate=float(rng.choice([0.0, 2.52e-4, 1e-3])),
            maximum_travel_seconds=float(rng.choice([200.0, np.inf])),
            home_beat_patrol=False,
            compliance_rows=8,
        )
        session = session or Session(engine, 10, 8)
        session.move(engine)
        fresh = Session(engine, 10, 8)
        for now in moments(place, 1):
            answer = session.decide(now, deadline=None)
            assert same(answer, fresh.decide(now, deadline=None)), turn
            moves.add((answer.objective, answer.moves.tobytes()))
    assert len(moves) > 30


def test_engines_that_need_other_memory_are_refused(area: Area, tmp_path: Path) -> None:
    first = Engine(area, policy(1, tmp_path))
    session, now = Session(first, 10, 8), moments(places()[0], 2)[0]
    before = session.decide(now, deadline=None)
    others: list[tuple[dict[str, Any], str]] = [
        ({"policy": policy(1, tmp_path, hidden=7)}, '7 neurons of "value", the session has it for 6'),
        ({"policy": None}, '0 neurons of "value"'),
        ({"dispatch_policy": "closest_fcfs"}, "0 programs at a time"),
        ({"patrol_policy": "backup_coverage"}, "3 arrivals"),
        ({"reserve_per_beat": 1}, "1 reserves"),
        ({"hold_travel_seconds": [[60.0] * area.info.category_count]}, "1 rows of hold_travel_seconds"),
        ({"compliance_rows": 5}, "5 rows of posts, the session has it for 64"),
    ]
    for options, sentence in others:
        engine = Engine(area, **({"policy": policy(1, tmp_path)} | options))
        with pytest.raises(PatrolError, match=sentence) as caught:
            session.move(engine)
        assert caught.value.status is Status.MISMATCH
        assert same(session.decide(now, deadline=None), before)


def test_an_equal_area_is_another(tmp_path: Path) -> None:
    city = places()[0].city
    one, other = Area.from_arrays(**city), Area.from_arrays(**city)
    session = Session(Engine(one), 2, 1)
    with pytest.raises(PatrolError, match="another area"):
        session.move(Engine(other))
    session.move(Engine(one, never_hold_priority=3))
    with pytest.raises(TypeError, match="engine"):
        session.move(one)
