"""Training from Python and from the command line, on a city where it takes a second."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from libpatrol import Engine, PatrolError, Policy, Scenario, Simulation, Status
from libpatrol.commands.cli import main
from libpatrol.enums import Networks, Phase, Variant
from libpatrol.lab.training import OPTIONS, Trainer, to_abi
from libpatrol.training_range import training_metadata
from reference.random_numbers import RandomNumbers

SCENARIO = """
format = "libpatrol scenario"
format_version = 1
description = "A small town"
default_load = "medium"
[loads]
medium = 0.6
[city]
generator = "grid"
rows = 5
columns = 5
seed = 1
[demand]
hotspots = [[0.2, 0.2], [0.8, 0.8]]
concentration = 0.7
[fleet]
units = 3
[[categories]]
name = "urgent"
priority = 1
share = 0.4
weight = 3.0
service = "exponential"
service_mean_seconds = 1500
[[categories]]
name = "routine"
priority = 2
share = 0.6
weight = 1.0
service = "exponential"
service_mean_seconds = 900
"""
QUICK: dict[str, Any] = {
    "rounds": 1,
    "validations": 16,
    "validation_limit": 1024,
    "validation_seconds": 4 * 3600.0,
    "heuristic_patrols": ["random_walk"],  # beaten at once: what is learned is kept
    "heuristic_dispatches": ["closest_fcfs"],
    "pair_layers": (8,),
    "value_hidden": 4,
    "bootstrap_comparisons": 300,
    "comparisons": 300,
    "iterations": 2,
    "horizon_seconds": 1800.0,
    "dispatch_generations": 2,
    "search_population": 4,
    "search_replications": 1,
    "patrol_method": "q_learning",
    "patrol_generations": 2,
    "patrol_layers": (16,),
    "patrol_rounds": 12,
    "patrol_heuristic_rounds": 2,
    "patrol_episodes": 2,
    "patrol_steps": 20,
    "patrol_episode_seconds": 3 * 3600.0,
}
LOOKS = [16 * 2**k for k in range(7)]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scenario") / "town.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def scenario(path: Path) -> Scenario:
    return Scenario.load(path)


def quick(scenario: Scenario, **options: Any) -> Trainer:
    return Trainer(scenario, **{**QUICK, **options})


@pytest.fixture(scope="module")
def trained(scenario: Scenario) -> Iterator[Trainer]:
    """A training that ended with both policies learned: that of the first seed that comes to one."""
    for seed in range(20):
        trainer = quick(scenario, seed=seed, threads=2)
        for progress in trainer:
            assert 0 <= progress.share <= 1 and progress.phase <= progress.phases == 3
        if trainer.policies() == ("learned", "learned"):
            yield trainer
            return
    pytest.fail("nothing that was learned is better than a random walk")


def metadata(trainer: Trainer) -> dict[str, str]:
    return Policy.from_bytes(trainer.policy_file()).metadata


def test_the_policy_file_tells_where_it_comes_from(trained: Trainer, scenario: Scenario) -> None:
    policy = Policy.from_bytes(trained.policy_file({"scenario": "town", "libpatrol_version": "x"}))
    assert policy.info.networks == Networks.PATROL | Networks.PAIR | Networks.VALUE and policy.info.value_is_concave
    told = policy.metadata
    assert (told["scenario"], told["libpatrol_version"]) == ("town", "x")
    assert (told["patrol_policy"], told["dispatch_policy"]) == trained.policies() == ("learned", "learned")
    assert told["training_variant"] == "joint" and int(told["validation_replications"]) in LOOKS
    assert training_metadata([scenario.use]).items() <= told.items()
    assert (told["scenario_versions"], told["scenario_hashes"]) == ("1", scenario.content_hash)
    assert told["validation_against"] == "random_walk + closest_fcfs"
    rows = trained.outcomes()
    assert int(told["training_events"]) == rows["events"][-1] > 1000
    best = rows[rows["is_accepted"] == 1][-1]
    assert float(told["validation_cost"]) == pytest.approx(best["cost"], rel=1e-12)
    assert float(told["validation_difference"]) < 0 < float(told["validation_half_width"])


def test_outcomes_tell_each_phase(trained: Trainer) -> None:
    rows = trained.outcomes()
    assert [Phase(kind) for kind in rows["kind"]] == [Phase.HEURISTIC, Phase.DISPATCH, Phase.PATROL]
    assert np.all(np.diff(rows["events"].astype(np.int64)) > 0) and np.isnan(rows["difference"][0])
    learned = rows[1:]
    assert learned["is_accepted"].tolist() == (learned["difference"] + learned["half_width"] < 0).astype(int).tolist()
    assert rows["replications"][0] == 16 and set(learned["replications"]) <= set(LOOKS)
    assert trained.advance().kind is Phase.NONE  # there is nothing left to do


def test_the_undecided_gets_more_replications_and_progress_says_so(scenario: Scenario) -> None:
    """Policies that learn next to nothing differ by chance: those below zero are looked at again."""
    options = {
        "variant": "dispatch_only",
        "bootstrap_comparisons": 32,
        "comparisons": 32,
        "dispatch_generations": 0,
        "validation_limit": 64,
    }
    strong = {"heuristic_patrols": ["marginal_coverage"], "heuristic_dispatches": ["minimum_weighted_travel"]}
    looks, rows = set(), []
    for seed in range(6):
        trainer = quick(scenario, seed=seed, **strong, **options)
        for progress in trainer:
            assert progress.replications <= progress.next_look <= 64
            looks.add(progress.next_look if progress.is_validating else 0)
        rows.append(trainer.outcomes()[-1])
    assert {0, 16, 32} <= looks <= {0, 16, 32, 64}
    found = np.array(rows, rows[0].dtype)
    rejected = found[found["is_accepted"] == 0]
    assert ((rejected["difference"] >= 0) | (rejected["replications"] == 64)).all() and len(rejected)
    for progress in quick(scenario, seed=0, heuristic_patrols=["stay"], **{**options, "validation_limit": 0}):
        assert progress.next_look in (0, 16)


def validation_seeds(training_seed: int, count: int) -> list[int]:
    """Return the seeds of the calls that policies are validated on, as the trainer draws them."""
    return [RandomNumbers(training_seed, 1 << 62 | replication).next() for replication in range(count)]


def cost(scenario: Scenario, engine: Engine, seed: int) -> float:
    with Simulation(scenario, engine, seed=seed, node_limit=256) as simulation:
        simulation.run(hours=QUICK["validation_seconds"] / 3600)
        return simulation.metrics().cost_rate


def test_the_runtime_costs_what_validation_reported_bit_for_bit(scenario: Scenario, trained: Trainer) -> None:
    policy = Policy.from_bytes(trained.policy_file())
    best = trained.outcomes()[trained.outcomes()["is_accepted"] == 1][-1]
    seeds = validation_seeds(int(policy.metadata["training_seed"]), int(best["replications"]))
    learned = scenario.engine(policy, patrol_policy="learned", dispatch_policy="learned")
    heuristic = scenario.engine(patrol_policy="random_walk", dispatch_policy="closest_fcfs")
    costs = {engine: [cost(scenario, engine, seed) for seed in seeds] for engine in (learned, heuristic)}
    assert sum(costs[learned]) / len(seeds) == float(policy.metadata["validation_cost"])
    first = costs[heuristic][: QUICK["validations"]]
    assert sum(first) / len(first) == pytest.approx(trained.outcomes()["cost"][0], rel=1e-12)
    both = slice(int(policy.metadata["validation_replications"]))
    share = np.subtract(costs[learned], costs[heuristic])[both].mean() / np.mean(costs[heuristic][both])
    assert float(policy.metadata["validation_difference"]) == pytest.approx(share, rel=1e-9)


def stack(tensors: dict[str, np.ndarray], name: str, rows: np.ndarray) -> np.ndarray:
    """Evaluate a stack of a policy file in double precision."""
    t = {key.removeprefix(f"{name}."): array.astype(np.float64) for key, array in tensors.items()}
    hidden = (rows - t["mean"]) * t["scale"]
    count = sum(key.endswith(".weight") for key in t if key[0].isdigit())
    for k in range(count):
        hidden = hidden @ t[f"{2 * k}.weight"].T + t[f"{2 * k}.bias"]
        hidden = hidden if k == count - 1 else np.maximum(hidden, 0)
    return hidden[:, 0]


def test_trained_networks_are_what_numpy_makes_of_their_tensors(trained: Trainer, rng: np.random.Generator) -> None:
    content = trained.policy_file()
    policy, tensors = Policy.from_bytes(content), load(content)
    for name in ("patrol", "pair"):
        mean, scale = tensors[f"{name}.mean"], tensors[f"{name}.scale"]
        rows = (mean + rng.normal(size=(200, len(mean))) / scale).astype(np.float32)
        expected = stack({key: array for key, array in tensors.items() if key.startswith(f"{name}.")}, name, rows)
        np.testing.assert_allclose(policy.evaluate(name, rows), expected, rtol=1e-5, atol=1e-5)


def test_one_and_two_threads_give_the_same_bytes(scenario: Scenario, trained: Trainer) -> None:
    alone = quick(scenario, seed=int(metadata(trained)["training_seed"]), threads=1)
    for _ in alone:
        pass
    assert alone.policy_file() == trained.policy_file() and alone.checkpoint() == trained.checkpoint()
    other = quick(scenario, seed=int(metadata(trained)["training_seed"]) + 1, threads=1)
    for _ in other:
        pass
    assert other.checkpoint() != trained.checkpoint()


def test_a_checkpoint_goes_on_byte_for_byte(scenario: Scenario, trained: Trainer) -> None:
    seed = int(metadata(trained)["training_seed"])
    kinds, steps, trainer = set(), 0, quick(scenario, seed=seed)
    while (progress := trainer.advance()).kind is not Phase.NONE:
        kind = (progress.kind, progress.is_validating)
        if kind not in kinds or steps % 11 == 0:
            resumed = quick(scenario, seed=seed)
            resumed.restore(trainer.checkpoint())
            trainer = resumed
        kinds.add(kind)
        steps += 1
    assert {(Phase.DISPATCH, False), (Phase.PATROL, False), (Phase.PATROL, True)} <= kinds
    assert trainer.checkpoint() == trained.checkpoint() and trainer.policy_file() == trained.policy_file()


def test_a_checkpoint_of_another_trainer_is_refused(scenario: Scenario, trained: Trainer) -> None:
    good = trained.checkpoint()
    for change in ({"seed": 99}, {"variant": "apart"}, {"patrol_steps": 21}):
        other = quick(scenario, **change)
        before = other.checkpoint()
        with pytest.raises(PatrolError) as caught:
            other.restore(good)
        assert caught.value.status is Status.MISMATCH
        assert other.checkpoint() == before
    with pytest.raises(PatrolError) as caught:
        trained.restore(trained.policy_file())
    assert caught.value.status is Status.INVALID_FILE
    assert trained.checkpoint() == good


def test_several_scenarios_make_one_general_policy(path: Path, scenario: Scenario) -> None:
    trainer = Trainer([scenario, Scenario.load(path, 0.3)], **QUICK, seed=1, variant=Variant.PATROL_ONLY)
    for _ in trainer:
        pass
    rows = trainer.outcomes()
    assert [Phase(kind) for kind in rows["kind"]] == [Phase.HEURISTIC, Phase.PATROL]
    assert rows["cost"][0] == pytest.approx(1.0)  # relative to the first pair of heuristics
    if rows["replications"][1] == rows["replications"][0]:
        assert rows["cost"][1] == pytest.approx(1 + rows["difference"][1])
    with pytest.raises(ValueError, match="1 engines for 2 scenarios"):
        Trainer([scenario, scenario], scenario.engine())
    with pytest.raises(PatrolError, match="area"):
        Trainer(scenario, Scenario.load(path).engine(), **QUICK)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"round": 1}, "no option 'round', expected one of rounds"),
        ({"rounds": 0}, "rounds is 0, expected 1 to 1000"),
        ({"rounds": -1}, "rounds is -1"),
        ({"rounds": 1.5}, "rounds is 1.5, expected a whole number"),
        ({"seed": -1}, "seed is -1"),
        ({"seed": "one"}, "seed is 'one', expected a whole number"),
        ({"variant": "both"}, "variant is 'both', expected one of joint, apart, patrol_only, dispatch_only"),
        ({"goal": 7}, "goal is 7, expected one of cost, worst_group, within_target, p90, presence"),
        ({"threads": 0}, "threads is 0, expected 1 to 64"),
        ({"heuristic_patrols": ["holt"]}, 'heuristic_patrols.0. is "holt"'),
        (
            {"heuristic_dispatches": "closest_fcfs,learned"},
            'heuristic_dispatches contains "learned", expected heuristics',
        ),
        ({"heuristic_patrols": []}, "heuristic_patrols is empty"),
        ({"pair_layers": 32}, "pair_layers is 32, expected widths"),
        ({"pair_layers": (8, 0)}, r"pair_layers is \(8, 0\), expected widths above 0"),
        ({"patrol_layers": (8,) * 5}, "patrol_layers has 5 widths, expected at most 4"),
        ({"patrol_layers": (5000,)}, "patrol_layers is 5000, expected 1 to 1024"),
        ({"patrol_rounds": 0}, "patrol_rounds is 0"),
        ({"patrol_heuristic_rounds": 13}, "patrol_heuristic_rounds is 13, expected 1 to 12"),
        ({"compared_share": float("nan")}, "compared_share is nan, expected above 0 and at most 1"),
        ({"validation_limit": 100_001}, "validation_limit is 100001, expected 0 to 100000"),
        ({"validation_seconds": "day"}, "validation_seconds is 'day', expected a number"),
        ({"learns_pairs": False, "value_form": "none"}, "both are off"),
    ],
)
def test_wrong_options_are_named(options: dict[str, Any], sentence: str, scenario: Scenario) -> None:
    with pytest.raises((PatrolError, ValueError, TypeError), match=sentence):
        quick(scenario, **options)


def test_defaults_are_the_library_s() -> None:
    assert to_abi({}).rounds >= 1 and to_abi({}).patrol_layers[0] > 0
    assert bytes(to_abi({})) == bytes(to_abi({"variant": "JOINT", "goal": 0, "learns_pairs": True}))
    assert {"seed", "threads", "value_form", "patrol_layers", "heuristic_patrols"} <= set(OPTIONS)


def settings(**options: Any) -> list[str]:
    return [part for name, value in {**QUICK, **options}.items() for part in ("--set", f"{name}={value}")]


def test_the_command_trains(path: Path, tmp_path: Path, trained: Trainer, capsys: pytest.CaptureFixture[str]) -> None:
    out, seed = tmp_path / "town.safetensors", metadata(trained)["training_seed"]
    command = ["train", f"{path}", "--seed", seed, "--output", str(out), "--set", "threads=1", *settings()]
    assert main(command) == 0
    wording = capsys.readouterr().out
    assert "learned+learned" in wording and "dispatch" in wording and "heuristic" in wording
    policy = Policy.load(out)
    assert policy.metadata["scenario"] == str(path) and policy.metadata["training_seed"] == seed


def test_the_command_goes_on_from_a_checkpoint(
    path: Path, tmp_path: Path, trained: Trainer, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seed = metadata(trained)["training_seed"]
    kept = tmp_path / "kept"

    def command(name: str, *more: str) -> list[str]:
        return ["train", str(path), "--seed", seed, "-o", str(tmp_path / name), *settings(), *more]

    assert main(command("straight")) == 0
    advance, steps = Trainer.advance, iter(range(10))

    def interrupted(trainer: Trainer) -> Any:
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return advance(trainer)

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "advance", interrupted)
        assert main(command("broken", "--checkpoint", str(kept))) == 130
    assert kept.exists() and not (tmp_path / "broken").exists()
    assert main(command("resumed", "--checkpoint", str(kept))) == 0
    assert "continues from" in capsys.readouterr().out
    assert (tmp_path / "resumed").read_bytes() == (tmp_path / "straight").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--set", "rounds"], "--set rounds: expected NAME=VALUE"),
        (["--set", "round=1"], "expected one of rounds, "),
        (["--set", "value_form=convex"], "value_form is 'convex', expected one of none, concave, general"),
        (["--set", "heuristic_patrols=holt"], 'heuristic_patrols[0] is "holt"'),
        (["--set", "validations=1"], "validations is 1, expected 2 to 100000"),
    ],
)
def test_the_command_says_what_is_wrong(
    arguments: list[str], sentence: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", str(path), *arguments]) == 1
    error = capsys.readouterr().err
    assert error.startswith("libpatrol: ") and error.count("\n") == 1 and sentence in error
