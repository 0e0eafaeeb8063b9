"""What must hold in every simulation, from its events alone: random cities, fleets, policies and seeds."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from libpatrol import NO_ID, NO_NODE, Area, AreaArrays, Engine, Scenario, Simulation
from libpatrol.enums import EventKind, Mode, Service
from libpatrol.lab.metrics import Metrics
from libpatrol.scenario.arrays import FLEET_UNIT_DTYPE, SHIFT_DTYPE, STORM_DTYPE, categories, structured
from libpatrol.studies.pairs import DISPATCH_POLICIES, PATROL_POLICIES
from libpatrol.synthetic import cities
from libpatrol.synthetic.demand import Demand

HOURS = 30
Kind = EventKind


@st.composite
def worlds(draw: st.DrawFn) -> tuple[AreaArrays, Scenario, Engine, int]:
    """Draw a city, its fleet and calls, and who decides."""
    demand = Demand(calls_per_hour=draw(st.sampled_from([2.0, 8.0, 20.0])))
    seed = draw(st.integers(0, 1000))
    if draw(st.booleans()):
        city = cities.grid(draw(st.integers(1, 6)), draw(st.integers(2, 6)), beats=2, seed=seed, demand=demand)
    else:
        city = cities.irregular(draw(st.integers(5, 40)), beats=3, seed=seed, demand=demand)
    area = Area.from_arrays(**city)
    unit_count = draw(st.integers(1, 6))
    units = np.zeros(unit_count, FLEET_UNIT_DTYPE)
    units["id"] = np.arange(unit_count) * 7 + 3
    units["start_node"] = [draw(st.integers(0, city.node_count - 1)) for _ in range(unit_count)]
    units["home_beat"] = city.node_beats[units["start_node"]]
    kinds = categories(2)
    kinds["priority"], kinds["weight"] = (1, draw(st.integers(1, 3))), (3, 1)
    kinds["units_required"] = [draw(st.integers(1, min(3, unit_count))) for _ in range(2)]
    kinds["service_kind"] = draw(st.sampled_from([Service.EXPONENTIAL, Service.LOG_NORMAL, Service.GAMMA]))
    shifts = [
        {"unit": unit, "start_hour": start, "end_hour": start + draw(st.integers(1, 20))}
        for unit in range(draw(st.integers(0, unit_count - 1)))
        for start in (draw(st.integers(0, 20)), 48)
    ]
    scenario = Scenario(
        area,
        units=units,
        categories=kinds,
        shifts=structured(SHIFT_DTYPE, shifts),
        storms=structured(
            STORM_DTYPE, [{"start_seconds": 4e4, "end_seconds": 6e4, "multiplier": draw(st.integers(0, 3))}]
        ),
        work_per_hour=[draw(st.sampled_from([0.0, 1.0]))],
        work_interruptible_priority=draw(st.integers(0, 2)),
        out_of_service_per_hour=draw(st.sampled_from([0.0, 0.2])),
        compliance=draw(st.sampled_from([1.0, 0.5])),
        queue_capacity=draw(st.sampled_from([0, 2, 10, 1000])),
        warm_up_seconds=draw(st.sampled_from([0.0, 10_000.0])),
    )
    preemption = np.zeros((8, 8), bool)
    if draw(st.booleans()):
        preemption[1:, 0] = True
    engine = Engine(
        area,
        patrol_policy=draw(st.sampled_from([name for name in PATROL_POLICIES if name != "learned"])),
        dispatch_policy=draw(st.sampled_from([name for name in DISPATCH_POLICIES if name != "learned"])),
        home_beat_patrol=draw(st.booleans()),
        preemption=preemption,
    )
    return city, scenario, engine, draw(st.integers(0, 2**63))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(worlds())
def test_conservation(world: tuple[AreaArrays, Scenario, Engine, int]) -> None:
    city, scenario, engine, seed = world
    with Simulation(scenario, engine, seed=seed, event_capacity=1 << 20) as simulation:
        simulation.run(HOURS * 3600)
        events = simulation.read_events(1 << 20)
        assert simulation.state.events_lost == 0
        assert simulation.state.time_seconds == HOURS * 3600
        assert (np.diff(events["time_seconds"]) >= 0).all(), "time runs back"
        open_calls = check_calls(events)
        assert simulation.state.open_incidents == open_calls
        check_units(events, city, scenario)
        check_metrics(events, simulation.metrics(), scenario)


def check_calls(events: np.ndarray) -> int:
    """Every call comes once and ends at most once, in the right order. Return how many are open at the end."""
    seen: dict[int, list[int]] = {}
    for event in events[events["incident_id"] != NO_ID]:
        kind = int(event["kind"])
        if kind in (Kind.CALL_CAME, Kind.CALL_LOST, Kind.CALL_REACHED, Kind.CALL_COMPLETE, Kind.CALL_ENDED):
            seen.setdefault(int(event["incident_id"]), []).append(kind)
    assert list(seen) == list(range(len(seen))), "calls are numbered as they come"
    for story in seen.values():
        assert story in STORIES, story
    return sum(story[-1] not in (Kind.CALL_LOST, Kind.CALL_ENDED) for story in seen.values())


STORIES = [
    [Kind.CALL_CAME],
    [Kind.CALL_CAME, Kind.CALL_LOST],
    [Kind.CALL_CAME, Kind.CALL_REACHED],
    [Kind.CALL_CAME, Kind.CALL_REACHED, Kind.CALL_COMPLETE],
    [Kind.CALL_CAME, Kind.CALL_REACHED, Kind.CALL_ENDED],
    [Kind.CALL_CAME, Kind.CALL_REACHED, Kind.CALL_COMPLETE, Kind.CALL_ENDED],
]

# What a unit may do, by what it does now. A call "is on" a unit from its dispatch until it is freed or diverted.
NEXT = {
    "off": {Kind.SHIFT_BEGAN: "free"},
    "free": {
        Kind.MOVE_BEGAN: "moving",
        Kind.STAY_ENDED: "free",
        Kind.UNIT_SENT: "en route",
        Kind.SHIFT_ENDED: "off",
        Kind.OUT_OF_SERVICE_BEGAN: "out",
        Kind.WORK_BEGAN: "work",
        Kind.MOVE_ENDED: "free",  # called off between two nodes, it drives on to the next
    },
    "moving": {
        Kind.MOVE_ENDED: "free",
        Kind.UNIT_SENT: "en route",
        Kind.SHIFT_ENDED: "off",
        Kind.OUT_OF_SERVICE_BEGAN: "out",
        Kind.WORK_BEGAN: "work",
    },
    "en route": {Kind.UNIT_ON_SCENE: "on scene", Kind.UNIT_FREED: "freed", Kind.UNIT_DIVERTED: "diverted"},
    "diverted": {Kind.UNIT_SENT: "en route"},
    "on scene": {Kind.CALL_REACHED: "on scene", Kind.CALL_COMPLETE: "on scene", Kind.UNIT_FREED: "freed"},
    "work": {
        Kind.WORK_ENDED: "freed",
        Kind.WORK_LEFT: "free",
        Kind.SHIFT_ENDED: "off",
        Kind.OUT_OF_SERVICE_BEGAN: "out",
    },
    "out": {Kind.OUT_OF_SERVICE_ENDED: "freed", Kind.SHIFT_ENDED: "off"},
}
NEXT["freed"] = NEXT["free"]


def check_units(events: np.ndarray, city: AreaArrays, scenario: Scenario) -> None:
    """A unit does one thing at a time, at one place, and takes its time from one place to another."""
    nodes = np.arange(city.node_count)
    fastest = np.minimum(*(scenario.area.travel_times(nodes, nodes, mode) for mode in (Mode.PATROL, Mode.EMERGENCY)))
    for unit in range(scenario.unit_count):
        doing, call = "off", NO_ID
        place, since = int(scenario.arrays.units["start_node"][unit]), 0.0
        for event in events[events["unit"] == unit]:
            kind, time, node = Kind(event["kind"]), float(event["time_seconds"]), int(event["node"])
            assert kind in NEXT[doing], f"unit {unit} is {doing} at {time}: {kind.name}"
            doing = NEXT[doing][kind]
            if kind is Kind.UNIT_SENT:
                assert call == NO_ID, "sent to a second call"
                call = int(event["incident_id"])
            elif kind in (Kind.UNIT_FREED, Kind.UNIT_DIVERTED, Kind.UNIT_ON_SCENE):
                assert int(event["incident_id"]) == call, "another call than it was sent to"
                call = call if kind is Kind.UNIT_ON_SCENE else NO_ID
            if kind is Kind.SHIFT_BEGAN:
                place, since = node, time
            elif kind in (Kind.UNIT_ON_SCENE, Kind.MOVE_ENDED, Kind.STAY_ENDED):
                # Only here it stands at the node of the event.
                assert time - since >= fastest[place, node] - 0.01, f"unit {unit} is too fast from {place} to {node}"
                place, since = node, time


def check_metrics(events: np.ndarray, metrics: Metrics, scenario: Scenario) -> None:
    """What is reported follows from the events since the warm-up."""
    began = scenario.arrays.warm_up_seconds
    came = events[(events["kind"] == Kind.CALL_CAME) & (events["time_seconds"] >= began)]
    times = dict(zip(came["incident_id"].tolist(), came["time_seconds"].tolist(), strict=True))
    ends = Counter(int(e["kind"]) for e in events if int(e["incident_id"]) in times)
    assert metrics.calls == len(came)
    assert metrics.served == ends[Kind.CALL_ENDED] and metrics.lost == ends[Kind.CALL_LOST]
    assert metrics.open == metrics.calls - metrics.served - metrics.lost
    responses = np.array(
        [
            float(e["time_seconds"]) - times[int(e["incident_id"])]
            for e in events[events["kind"] == Kind.CALL_REACHED]
            if int(e["incident_id"]) in times
        ]
    )
    assert metrics.response.reached == len(responses)
    if len(responses):
        assert np.isclose(metrics.response.mean, responses.mean(), rtol=1e-9)
        for name, share in (("median", 0.5), ("p90", 0.9), ("p95", 0.95)):
            low, high = (np.quantile(responses, share, method=m) for m in ("lower", "higher"))
            assert low * 0.997 - 0.01 <= getattr(metrics.response, name) <= high * 1.003 + 0.01
    sent = events[(events["kind"] == Kind.UNIT_SENT) & (events["time_seconds"] >= began)]
    assert metrics.dispatches == len(sent)
    for table in (metrics.by_priority, metrics.by_group, metrics.by_category, metrics.by_beat):
        assert table["calls"].sum() == metrics.calls and table["lost"].sum() == metrics.lost
    spent = sum(metrics.units[name] for name in metrics.units.dtype.names if name != "dispatches")
    np.testing.assert_allclose(spent, metrics.seconds, rtol=1e-9)


def test_calls_do_not_depend_on_decisions() -> None:
    """Common random numbers: who decides changes neither the calls nor, where all are served at once, how long they
    take."""
    scenario = Scenario.load("southwest-atlanta", "light")
    streams = []
    for patrol, dispatch in (
        ("stay", "closest_fcfs"),
        ("random_walk", "weighted_index"),
        ("marginal_coverage", "minimum_weighted_travel"),
    ):
        engine = scenario.engine(patrol_policy=patrol, dispatch_policy=dispatch)
        with Simulation(scenario, engine, seed=11, event_capacity=1 << 20) as simulation:
            simulation.run(hours=24)
            events = simulation.read_events(1 << 20)
        reached, ended = (
            dict(zip(rows["incident_id"].tolist(), rows["time_seconds"].tolist(), strict=True))
            for rows in (events[events["kind"] == kind] for kind in (Kind.CALL_REACHED, Kind.CALL_ENDED))
        )
        service = {call: ended[call] - reached[call] for call in ended}
        streams.append((events[events["kind"] == Kind.CALL_CAME], service))
    calls, service = streams[0]
    for other_calls, other_service in streams[1:]:
        assert np.array_equal(calls, other_calls)
        both = service.keys() & other_service.keys()
        assert len(both) > 50
        np.testing.assert_allclose([service[c] for c in both], [other_service[c] for c in both], atol=1e-6)
    assert (calls["node"] != NO_NODE).all()
