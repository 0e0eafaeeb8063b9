"""The policies that only measurements need: trained ones, and the one that is fitted to heuristics."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.policies import policy, policy_names
from benchmarks.policies.fit_coverage import fit_coverage
from libpatrol import Area, AreaArrays, Engine, Policy, Scenario, Session, Simulation
from libpatrol.studies.pairs import PolicyPair
from libpatrol.synthetic.snapshots import sample_snapshot
from libpatrol.training_range import far_from_training

TRAINED = sorted(set(policy_names()) - {"coverage"})


@pytest.mark.parametrize("name", TRAINED)
def test_trained_policies_serve_their_scenario(name: str) -> None:
    metadata = policy(name).metadata
    names = metadata["scenario"].split(", ")
    assert names[0] == name or (name == "general" and len(names) > 20)
    scenario = Scenario.load(names[0])
    assert int(metadata["training_events"]) > 0 and float(metadata["validation_difference"]) < 0
    assert "learned" in (metadata["patrol_policy"], metadata["dispatch_policy"])
    pair = PolicyPair.trained(policy(name))
    with pair.engine(scenario) as engine, Simulation(scenario, engine, seed=1) as simulation:
        simulation.run(hours=12)
        assert simulation.metrics().served > 0


@pytest.mark.parametrize("name", sorted(set(TRAINED) - {"general"}))
def test_trained_policies_say_what_they_were_trained_for(name: str) -> None:
    metadata = policy(name).metadata
    assert far_from_training(metadata, Scenario.load(name).use) == []
    assert {"trained_units", "trained_load", "trained_nodes", "trained_travel_seconds"} <= metadata.keys()


@pytest.mark.long
def test_coverage_is_what_its_fit_makes(tmp_path: Path) -> None:
    fit_coverage(tmp_path / "policy")
    made, kept = Policy.load(tmp_path / "policy"), policy("coverage")
    assert made.tensors == kept.tensors
    assert made.metadata["fitted_to"] == kept.metadata["fitted_to"]
    inputs = np.random.default_rng(0).uniform(0, 1, (100, 28)).astype(np.float32)
    # Matrix products of other processors round otherwise, which a fit of many steps makes larger: alike, not equal.
    values = kept.evaluate("patrol", inputs)
    assert np.abs(made.evaluate("patrol", inputs) - values).mean() < 0.05 * np.abs(values).mean()


def test_coverage_patrols_like_the_heuristic(city: AreaArrays, area: Area, rng: np.random.Generator) -> None:
    learned, heuristic = Session(Engine(area, policy("coverage")), 8, 4), Session(Engine(area), 8, 4)
    lost = []
    for _ in range(40):
        snapshot = sample_snapshot(city, rng, unit_count=8, incident_count=4)
        for unit in snapshot.units["id"][snapshot.units["status"] == 1]:
            worth = heuristic.candidates(snapshot, unit).moves["value"]
            choice = learned.candidates(snapshot, unit).moves["value"].argmax()
            lost.append((worth.max() - worth[choice]) / max(np.ptp(worth), 1e-6))
    assert np.mean(lost) < 0.1
