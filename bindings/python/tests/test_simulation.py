"""Simulations and batches through the Python classes: who decides, what is seen, what is refused."""

import threading

import numpy as np
import pytest

from libpatrol import Area, Batch, Engine, PatrolError, Policy, Scenario, Session, Simulation, Status, Task, UnitStatus
from libpatrol.enums import Due, EventKind
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, logged_calls

HOUR = 3600.0


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


@pytest.fixture(scope="module")
def engine(scenario: Scenario) -> Engine:
    return scenario.engine()


def equal(a: object, b: object) -> bool:
    return all(
        getattr(a, name).tobytes() == getattr(b, name).tobytes()
        if isinstance(getattr(a, name), np.ndarray)
        else repr(getattr(a, name)) == repr(getattr(b, name))
        for name in a.__dataclass_fields__
    )


def test_equal_seeds_give_equal_bytes(scenario: Scenario, engine: Engine) -> None:
    streams = []
    for seed in (5, 6):
        with Simulation(scenario, engine, seed=seed, event_capacity=1 << 18) as simulation:
            simulation.run(hours=10)
            streams.append(simulation.read_events(1 << 18).tobytes())
            simulation.restart(5)
            simulation.run(hours=10)
            streams.append(simulation.read_events(1 << 18).tobytes())
    assert streams[0] == streams[1] == streams[3] != streams[2]


def test_the_host_may_leave_every_decision_to_the_engine(scenario: Scenario, engine: Engine) -> None:
    end = scenario.measured_from_seconds + 20 * HOUR
    with Simulation(scenario, engine, seed=1) as alone, Simulation(scenario, engine, seed=1) as stepped:
        alone.run(end)
        kinds = set()
        while (due := stepped.step(end)) is not Due.NOTHING:
            kinds.add(due)
            assert stepped.state.due is due
            stepped.decide()
        assert kinds == {Due.DISPATCH, Due.PATROL}
        assert equal(alone.metrics(), stepped.metrics())
        assert alone.state == stepped.state


def test_a_session_decides_the_same_on_what_the_host_sees(scenario: Scenario) -> None:
    """The simulator drives the decide path of the runtime: a host with a session of its own comes to the same city."""
    end = scenario.measured_from_seconds + 10 * HOUR
    engine = scenario.engine(Policy.bundled(), patrol_policy="learned", dispatch_policy="minimum_weighted_travel")
    session = Session(engine, scenario.unit_count, 64)
    with Simulation(scenario, engine, seed=2) as alone, Simulation(scenario, engine, seed=2) as hosted:
        alone.run(end)
        while (due := hosted.step(end)) is not Due.NOTHING:
            snapshot, units_due = hosted.snapshot()
            options = {"deadline": None, "node_limit": 2000}
            if due is Due.DISPATCH:
                unit_of = {int(unit): k for k, unit in enumerate(snapshot.units["id"])}
                call_of = {int(call): k for k, call in enumerate(snapshot.incidents["id"])}
                for row in session.decide(snapshot, tasks=Task.DISPATCH, **options).assignments:
                    hosted.assign(unit_of[int(row["unit_id"])], call_of[int(row["incident_id"])])
            else:
                moves = session.decide(snapshot, tasks=Task.PATROL, **options).moves
                for unit in np.flatnonzero(units_due):
                    hosted.move(int(unit), int(moves["target_node"][unit]))
        assert equal(alone.metrics(), hosted.metrics())


def test_what_is_not_decided_is_held(scenario: Scenario, engine: Engine) -> None:
    with Simulation(scenario, engine) as simulation:
        while (due := simulation.step(4 * HOUR)) is not Due.NOTHING:
            if due is Due.PATROL:
                assert (simulation.snapshot().snapshot.units["status"] == UnitStatus.PATROLLING).all()
        assert simulation.state.queued_incidents == scenario.arrays.queue_capacity
        assert simulation.metrics().calls == 0  # of the warm-up nothing is measured
        simulation.run(scenario.measured_from_seconds + HOUR)
        assert simulation.metrics().lost >= 0


def test_pairs_and_candidates_follow_the_decisions_of_the_instant(scenario: Scenario, engine: Engine) -> None:
    with Simulation(scenario, engine, seed=3) as simulation:
        seen_pairs = seen_moves = False
        while (due := simulation.step(12 * HOUR)) is not Due.NOTHING:
            if due is Due.DISPATCH:
                pairs = simulation.pairs()
                assert len(pairs.features) == len(pairs.deltas) == len(pairs.pairs)
                if len(pairs.pairs) > 1:
                    unit, call = (int(pairs.pairs[0][name]) for name in ("unit", "incident"))
                    simulation.assign(unit, call)
                    left = simulation.pairs().pairs
                    assert unit not in left["unit"] and call not in left["incident"]
                    seen_pairs = True
            else:
                units = np.flatnonzero(simulation.snapshot().due)
                if len(units) > 1:
                    first, second = int(units[0]), int(units[1])
                    before = simulation.candidates(second).features
                    moves = simulation.candidates(first).moves
                    simulation.move(first, int(moves["node"][-1]))
                    assert not np.array_equal(before, simulation.candidates(second).features)
                    with pytest.raises(PatrolError, match="no patrol decision"):
                        simulation.move(first, int(moves["node"][0]))
                    seen_moves = True
            simulation.decide()
        assert seen_pairs and seen_moves


def test_a_copy_goes_on_like_the_original(scenario: Scenario, engine: Engine) -> None:
    end = scenario.measured_from_seconds + 10 * HOUR
    with Simulation(scenario, engine, seed=4) as original, Simulation(scenario, engine, seed=5) as copy:
        original.run(hours=2)
        copy.run(hours=1)
        assert original.step(end) is not Due.NOTHING
        copy.copy(original)
        assert copy.state == original.state
        original.run(end)
        copy.run(end)
        assert equal(original.metrics(), copy.metrics())
        assert original.state == copy.state


def test_equal_seeds_renew_equal_futures(scenario: Scenario, engine: Engine) -> None:
    """Rollouts meet the same calls whatever they decide, and not those of the simulation they look ahead from."""
    original = Simulation(scenario, engine, seed=4)
    rollout = Simulation(scenario, engine, seed=5, event_capacity=1 << 18)
    original.run(hours=2)
    while original.step(scenario.measured_from_seconds + 10 * HOUR) is not Due.DISPATCH:
        original.decide()

    def calls(seed: int | None, holds: bool) -> bytes:
        rollout.read_events()
        rollout.copy(original, measuring=False)
        if seed is not None:
            rollout.renew_future(seed)
        if holds:
            rollout.step(original.state.time_seconds)  # closes the decision: nobody is sent
        rollout.run(original.state.time_seconds + 10 * HOUR)
        assert rollout.metrics().seconds == 0
        events = rollout.read_events()
        return events[events["kind"] == EventKind.CALL_CAME].tobytes()

    futures = [calls(1, False), calls(1, True), calls(2, False), calls(None, False)]
    assert futures[0] == futures[1]
    assert len({*futures}) == 3


def test_copies_that_are_refused(scenario: Scenario, engine: Engine) -> None:
    other = Scenario.load("hotspots-heavy")
    with Simulation(scenario, engine) as simulation, Simulation(other, other.engine()) as foreign:
        with pytest.raises(PatrolError, match="another scenario") as caught:
            simulation.copy(foreign)
        assert caught.value.status is Status.MISMATCH
        with pytest.raises(ValueError, match="itself"):
            simulation.copy(simulation)
        with pytest.raises(ValueError, match="seed"):
            simulation.renew_future(-1)
        foreign.close()
        with pytest.raises(ValueError, match="closed"):
            simulation.copy(foreign)


def test_refusals(scenario: Scenario, engine: Engine) -> None:
    other = Scenario.load("uniform")
    with pytest.raises(PatrolError) as caught:
        Simulation(scenario, other.engine())
    assert caught.value.status is Status.MISMATCH
    with Simulation(scenario, engine) as simulation:
        for refused in (
            lambda: simulation.assign(0, 0),
            lambda: simulation.move(0, 0),
            lambda: simulation.snapshot(),
            lambda: simulation.read_events(),
            lambda: simulation.run(-1.0),
            lambda: simulation.run(float("nan")),
            lambda: simulation.run(hours=1e15),
        ):
            with pytest.raises(PatrolError):
                refused()
        with pytest.raises(ValueError, match="either"):
            simulation.run(1.0, hours=1.0)
        simulation.run(hours=1)
    with pytest.raises(ValueError, match="closed"):
        simulation.run(hours=1)


def test_arrays_of_a_scenario_are_checked(area: Area) -> None:
    with pytest.raises(ValueError, match="units must be"):
        Scenario(area, units=np.zeros(3))
    with pytest.raises(ValueError, match=r"group_weights has shape \[3\], expected \[2\]"):
        Scenario(area, unit_count=1, group_weights=[1, 1, 1])
    for arrays, status in (
        ({"unit_count": 0}, Status.INVALID_ARGUMENT),
        ({"unit_count": 1, "compliance": 1.5}, Status.INVALID_NUMBER),
        ({"units": np.zeros(2, FLEET_UNIT_DTYPE)}, Status.INVALID_ID),
        ({"unit_count": 1, "calls": logged_calls(1)[:0], "rate_scale": -1.0}, Status.INVALID_NUMBER),
    ):
        with pytest.raises(PatrolError) as caught:
            Scenario(area, **arrays)
        assert caught.value.status is status, caught.value


def test_two_threads_in_one_simulation_are_told_so(scenario: Scenario, engine: Engine) -> None:
    with Simulation(scenario, engine) as simulation:
        worker = threading.Thread(target=lambda: simulation.run(hours=5000))
        worker.start()
        told = False
        while worker.is_alive() and not told:
            try:
                _ = simulation.state
            except RuntimeError as error:
                told = "give each thread a simulation of its own" in str(error)
        worker.join()
    assert told


def test_a_replayed_log(area: Area) -> None:
    calls = logged_calls(3)
    calls["time_seconds"], calls["node"], calls["service_seconds"] = (100, 200, 5000), (0, 1, 99), (600, 300, 60)
    scenario = Scenario(area, unit_count=2, calls=calls)
    with Simulation(scenario, scenario.engine(patrol_policy="stay"), event_capacity=4096) as simulation:
        simulation.run(3 * HOUR)
        events = simulation.read_events()
        metrics = simulation.metrics()
    came = events[events["kind"] == 0]
    assert came["time_seconds"].tolist() == [100, 200, 5000] and came["node"].tolist() == [0, 1, 99]
    assert (metrics.calls, metrics.served) == (3, 3)


# Batches


def follow(scenario: Scenario, engine: Engine, seed: int, episode: float, steps: int) -> list[tuple]:
    """Return the first decisions of an episode, each unit's move being the last one."""
    shown = []
    with Simulation(scenario, engine, seed=seed) as simulation:
        while (
            len(shown) < steps and (due := simulation.step(scenario.arrays.start_seconds + episode)) is not Due.NOTHING
        ):
            if due is Due.DISPATCH:
                simulation.decide()
                continue
            for unit in np.flatnonzero(simulation.snapshot().due):
                found = simulation.candidates(int(unit))
                state = simulation.state
                shown.append((int(unit), state.time_seconds, state.cumulative_cost, found))
                simulation.move(int(unit), int(found.moves["node"][-1]))
    return shown[:steps]


def test_a_batch_shows_what_its_simulations_show(scenario: Scenario, engine: Engine) -> None:
    steps = 200
    with Batch(scenario, engine, simulations=3, seed=20, episode_seconds=1e6) as batch:
        expected = [follow(scenario, engine, 20 + k, 1e6, steps) for k in range(3)]
        batch.step()
        for step in range(steps):
            for k in range(3):
                unit, time, cost, found = expected[k][step]
                count = len(found.moves)
                assert (batch.units[k], batch.moves[k]) == (unit, count)
                assert batch.time_seconds[k] == time
                assert batch.cumulative_cost[k] == pytest.approx(cost)
                assert np.array_equal(batch.features[k, :count], found.features)
                assert np.array_equal(batch.nodes[k, :count], found.moves["node"])
                assert not batch.features[k, count:].any()
            batch.step(batch.moves.astype(np.int32) - 1)


def test_a_batch_writes_in_place_and_threads_change_nothing(scenario: Scenario, engine: Engine) -> None:
    with (
        Batch(scenario, engine, simulations=8, episode_seconds=7200) as whole,
        Batch(scenario, engine, simulations=8, episode_seconds=7200) as parts,
    ):
        address = whole.features.ctypes.data
        for _ in range(300):
            whole.step()
            workers = [threading.Thread(target=parts.step, args=(None, rows)) for rows in (slice(0, 3), slice(3, 8))]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
            for name in ("features", "moves", "nodes", "units", "time_seconds", "interrupted", "ended", "ended_cost"):
                assert np.array_equal(getattr(whole, name), getattr(parts, name)), name
        assert whole.features.ctypes.data == address


def test_episodes_of_a_batch_end_and_begin_again(scenario: Scenario, engine: Engine) -> None:
    with Batch(scenario, engine, simulations=2, episode_seconds=3600) as batch:
        batch.step()
        assert batch.interrupted.all()
        ends = 0
        for _ in range(500):
            before = batch.time_seconds.copy()
            batch.step()
            assert ((batch.time_seconds < before) == batch.ended).all() or (batch.time_seconds == before).any()
            assert (batch.ended_cost[batch.ended] >= 0).all()
            ends += int(batch.ended.sum())
        assert ends > 4


def test_batch_refusals(scenario: Scenario, engine: Engine) -> None:
    with Batch(scenario, engine, simulations=2) as batch:
        batch.step()
        with pytest.raises(PatrolError):
            batch.step(np.array([99, 0], np.int32))
        with pytest.raises(ValueError, match="contiguous int32"):
            batch.step(np.zeros(2))
        with pytest.raises(ValueError, match="stride"):
            batch.step(None, slice(0, 2, 2))


def test_choices_at_random_are_others_in_each_replication(scenario: Scenario) -> None:
    """Where a log leaves nothing open, walks at random differ by the simulation's seed and by the engine's."""
    calls = logged_calls(2)
    calls["time_seconds"], calls["node"], calls["service_seconds"] = (600, 5000), (3, 77), 900
    arrays = {name: getattr(scenario.arrays, name) for name in scenario.arrays.__dataclass_fields__}
    log = Scenario(scenario.area, **arrays | {"calls": calls, "work_per_hour": None, "out_of_service_per_hour": 0.0})

    def moves(patrol: str, seed: int, engine_seed: int = 0) -> bytes:
        engine = log.engine(patrol_policy=patrol, seed=engine_seed)
        with Simulation(log, engine, seed=seed, event_capacity=1 << 14) as simulation:
            simulation.run(2 * HOUR)
            return simulation.read_events().tobytes()

    for patrol in ("random_walk", "demand_walk"):
        assert len({moves(patrol, seed, engine_seed) for seed in (0, 1, 2) for engine_seed in (0, 1)}) == 6
        assert moves(patrol, 1) == moves(patrol, 1)
    assert len({moves("marginal_coverage", seed) for seed in (0, 1)}) == 1


def test_events_and_measures_tell_priority_category_and_hour(scenario: Scenario, engine: Engine) -> None:
    with Simulation(scenario, engine, seed=3, event_capacity=1 << 18) as simulation:
        simulation.run(hours=30)
        events, metrics = simulation.read_events(1 << 18), simulation.metrics()
    came = events[(events["kind"] == EventKind.CALL_CAME) & (events["time_seconds"] >= scenario.measured_from_seconds)]
    categories = scenario.arrays.categories
    np.testing.assert_array_equal(came["priority"], categories["priority"][came["category"]])
    np.testing.assert_array_equal(np.bincount(came["category"]), metrics.by_category["calls"])
    hours = (came["time_seconds"] // HOUR).astype(int) % 24
    np.testing.assert_array_equal(np.bincount(hours, minlength=24), metrics.by_hour["calls"])
    assert metrics.by_hour["calls"].sum() == metrics.calls > 0 and len(metrics.by_shift) == 0
    alone = events[events["incident_id"] == 2**64 - 1]
    assert len(alone) and (alone["priority"] == 0).all() and (alone["category"] == -1).all()
