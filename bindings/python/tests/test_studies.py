"""Studies: the same numbers on threads, in processes and on Ray, whoever is killed, and in however many sittings."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest
from conftest import interruptible

from libpatrol import Scenario
from libpatrol.commands.cli import main
from libpatrol.extras import MissingExtraError
from libpatrol.lab.metrics import Metrics
from libpatrol.studies import workers
from libpatrol.studies.kept import KeptReplications, _content
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.python_policies import PythonPolicyError, load_policy, replicate_python
from libpatrol.studies.replications import replicate
from libpatrol.studies.study import Beside, Study

SEEDS = range(4)
PAIR = PolicyPair(patrol="backup_coverage")
OTHER = PolicyPair(patrol="random_walk", dispatch="closest_fcfs")

OWN = """
import os, pathlib, signal

MARK = pathlib.Path(__file__).with_name("killed")

class Closest:
    def __init__(self, scenario, seed):
        if seed == {seed} and not MARK.exists():
            MARK.write_text("once")
            os.kill(os.getpid(), signal.SIGKILL)

    def dispatch(self, decision):
        while len(pairs := decision.pairs().pairs):
            first = pairs["travel_seconds"].argmin()
            decision.assign(pairs["unit"][first], pairs["incident"][first])

class Fails(Closest):
    def dispatch(self, decision):
        raise KeyError("x")
"""
"""A policy whose worker is killed, once, in the replication of a seed."""


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("hotspots-heavy")


def own(folder: Path, seed: int = -1, name: str = "Closest") -> Beside:
    path = folder / "mine.py"
    path.write_text(OWN.format(seed=seed), encoding="utf-8")
    return Beside(load_policy(f"{path}:{name}"), PAIR)


def bytes_of(results: Mapping[str, list[Metrics]]) -> dict[str, list[str]]:
    """Return every number that was measured; a float's text is exact."""
    return {name: [json.dumps(_content(metrics)) for metrics in found] for name, found in results.items()}


def expected(scenario: Scenario, folder: Path) -> dict[str, list[str]]:
    """Return what one thread gives."""
    made = {pair.name: replicate(scenario, pair.engine(scenario), SEEDS, hours=3, threads=1) for pair in (PAIR, OTHER)}
    mine = own(folder)
    made["mine"] = replicate_python(scenario, PAIR.engine(scenario), mine.own, SEEDS, hours=3)
    return bytes_of(made)


def policies(mine: Beside) -> dict[str, PolicyPair | Beside]:
    return {PAIR.name: PAIR, OTHER.name: OTHER, "mine": mine}


def test_all_cores_give_what_one_thread_gives(scenario: Scenario, tmp_path: Path) -> None:
    told: list[str] = []
    wanted = expected(scenario, tmp_path)
    for count in (1, 3):
        study = Study(scenario, SEEDS, hours=3, workers=count)
        assert bytes_of(study.run(policies(own(tmp_path)), lambda name, more: told.append(name))) == wanted
    assert {name: told.count(name) for name in set(told)} == dict.fromkeys(wanted, 8)


def test_a_study_whose_worker_is_killed_goes_on(scenario: Scenario, tmp_path: Path) -> None:
    wanted = expected(scenario, tmp_path)
    mine = own(tmp_path, seed=2)
    study = Study(scenario, SEEDS, hours=3, workers=1, folder=tmp_path / "kept")
    with pytest.raises(ChildProcessError, match="a worker process ended before its replication did: it was killed"):
        study.run(policies(mine))
    assert 8 <= study.kept(policies(mine)) < 12
    assert bytes_of(study.run(policies(mine))) == wanted
    assert study.kept(policies(mine)) == 12
    anew: list[int] = []
    assert bytes_of(study.run(policies(mine), lambda name, more: anew.append(more))) == wanted
    assert anew == [4, 4, 4]  # told of what was there, and nothing more


STOPPED = """
import os, pathlib, signal, sys
from libpatrol import Scenario
from libpatrol.studies.pairs import PolicyPair
from libpatrol.studies.study import Study

there = []
def done(name, count):
    there.append(name)
    if len(there) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

pair = PolicyPair(patrol="backup_coverage")
Study(Scenario.load("hotspots-heavy"), range(4), hours=3, workers=1, folder=pathlib.Path(sys.argv[1])).run(
    {pair.name: pair}, done
)
"""


def test_a_study_that_was_killed_goes_on(scenario: Scenario, tmp_path: Path) -> None:
    stopped = subprocess.run([sys.executable, "-c", STOPPED, str(tmp_path / "kept")], check=False)
    assert stopped.returncode == -signal.SIGKILL
    study = Study(scenario, SEEDS, hours=3, folder=tmp_path / "kept")
    assert study.kept({PAIR.name: PAIR}) == 3
    wanted = bytes_of({PAIR.name: replicate(scenario, PAIR.engine(scenario), SEEDS, hours=3)})
    assert bytes_of(study.run({PAIR.name: PAIR})) == wanted


def test_only_what_was_made_from_the_same_is_taken(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept(scenario: Scenario = scenario, hours: float = 3, **named: PolicyPair | Beside) -> int:
        return Study(scenario, SEEDS, hours, 1, tmp_path / "kept").kept(named)

    mine = own(tmp_path)
    Study(scenario, SEEDS, 3, 1, tmp_path / "kept").run({"pair": PAIR, "mine": mine})
    assert kept(pair=PAIR) == kept(mine=mine) == 4
    assert kept(renamed=PAIR) == 0  # a folder of its own, for the eye
    assert kept(hours=4, pair=PAIR) == kept(Scenario.load("hotspots-light"), pair=PAIR) == kept(pair=OTHER) == 0
    assert kept(pair=PolicyPair(patrol="backup_coverage", options={"never_hold_priority": 2})) == 0
    assert kept(mine=Beside(mine.own, OTHER)) == 0
    (tmp_path / "mine.py").write_text(OWN.format(seed=99), encoding="utf-8")
    assert kept(mine=Beside(load_policy(f"{tmp_path}/mine.py:Closest"), PAIR)) == 0
    monkeypatch.setattr("libpatrol.studies.study.build", lambda: "another")
    assert kept(pair=PAIR) == 0


def test_a_file_that_is_no_replication_is_told(scenario: Scenario, tmp_path: Path) -> None:
    study = Study(scenario, SEEDS, hours=3, workers=1, folder=tmp_path)
    study.run({PAIR.name: PAIR})
    file = next(tmp_path.glob("*/2.json"))
    whole = file.read_text(encoding="utf-8")
    for content in (
        "",
        "{",
        "[]",
        "{}",
        whole[:-9],
        whole.replace('"seconds"', '"second"'),
        whole.replace("3.0", "4.0"),
    ):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(ValueError, match=r"2\.json is no kept replication, remove it: "):
            study.run({PAIR.name: PAIR})


def test_kept_replications_are_exact(scenario: Scenario, tmp_path: Path) -> None:
    kept = KeptReplications(tmp_path, "a/b: c", {"x": float("inf")})
    assert kept.folder.name.startswith("a_b__c-") and kept.get(0) is None
    for seed, metrics in enumerate(replicate(scenario, PAIR.engine(scenario), SEEDS, hours=3)):
        kept.put(seed, metrics)
        again = kept.get(seed)
        for name in Metrics.__dataclass_fields__:
            before, after = getattr(metrics, name), getattr(again, name)
            if hasattr(before, "tobytes"):
                assert after.dtype == before.dtype and after.tobytes() == before.tobytes()
            else:
                assert repr(after) == repr(before)


def test_a_policy_that_fails_in_another_process_says_where(scenario: Scenario, tmp_path: Path) -> None:
    with pytest.raises(PythonPolicyError, match=r"^Fails failed in mine\.py, line 19, with seed \d after .*KeyError"):
        Study(scenario, SEEDS, hours=3, workers=1).run({"mine": own(tmp_path, name="Fails")})


def test_a_file_that_changes_under_a_study_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    mine = own(tmp_path)
    (tmp_path / "mine.py").write_text(OWN.format(seed=99), encoding="utf-8")
    with pytest.raises(PythonPolicyError, match=r"mine\.py is not the file that it was when the study began"):
        Study(scenario, SEEDS, hours=3, workers=1).run({"mine": mine})


def test_the_extra_ray_is_named(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match="--ray needs the package ray: install libpatrol with its extra ray"):
        Study(scenario, SEEDS, hours=3, ray=True).run({PAIR.name: PAIR})


def test_a_worker_of_another_build_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace())
    with pytest.raises(ValueError, match=r"has libpatrol .* \([0-9a-f]{16}\), expected 0\.0, as where the study began"):
        workers._run_on_ray([None], "job", 0, "0.0")


def test_the_command_goes_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own(tmp_path)
    shown = []
    for count in (2, 3, 3):
        settings = [
            "--replications",
            str(count),
            "--hours",
            "3",
            "--policies",
            PAIR.name,
            "--keep",
            str(tmp_path / "k"),
        ]
        written = ["--json", str(tmp_path / f"{len(shown)}.json")]
        assert main(["evaluate", "hotspots-heavy", f"{tmp_path}/mine.py:Closest", *settings, *written]) == 0
        shown.append(" ".join(capsys.readouterr().out.split()))
    assert "are taken from" not in shown[0]
    assert "4 of 6 replications are taken from" in shown[1] and "6 of 6 replications are taken from" in shown[2]
    assert (tmp_path / "1.json").read_bytes() == (tmp_path / "2.json").read_bytes()


SLOW = """
import pathlib, time

class Slow:
    def __init__(self, scenario, seed):
        pathlib.Path(__file__).with_name(f"began-{seed}").touch()
        while True:
            time.sleep(1)

    def dispatch(self, decision): ...
"""


def test_an_interrupt_ends_all_workers_quietly(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(SLOW, encoding="utf-8")
    settings = ["--replications", "2", "--threads", "2", "--hours", "1", "--policies", PAIR.name]
    command = [sys.executable, "-m", "libpatrol", "evaluate", "hotspots", f"{tmp_path}/slow.py:Slow", *settings]
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **piped, start_new_session=True, preexec_fn=interruptible) as running:
        while len(list(tmp_path.glob("began-*"))) < 2:
            assert running.poll() is None
            time.sleep(0.05)
        os.killpg(running.pid, signal.SIGINT)
        assert running.communicate()[1] == b""
    assert running.returncode == 130


@pytest.mark.parametrize(
    "flags",
    [["--keep", "k"], ["--ray"], ["--csv", "out.csv", "--json", "out.json"], ["--hours", "4"], ["--load", "0.5"]],
)
def test_city_folders_have_no_studies(flags: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "city.toml").touch()
    assert main(["compare", str(tmp_path), *flags]) == 1
    names = ", ".join(flag for flag in flags if flag.startswith("--"))
    assert f"{tmp_path} is a city folder: compare it without {names}" in capsys.readouterr().err


@pytest.mark.parametrize("flags", [["--surges"], ["--beats", "b.geojson", "--target", "t"]])
def test_scenarios_have_no_beats_to_propose(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "hotspots", *flags]) == 1
    names = ", ".join(flag for flag in flags if flag.startswith("--"))
    assert f"hotspots is a scenario: compare it without {names}" in capsys.readouterr().err


def test_a_folder_that_cannot_be_is_told_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["simulate", "hotspots", "--replications", "1", "--keep", str(tmp_path / "file")]) == 1
    assert capsys.readouterr().err == f"libpatrol: {tmp_path}/file: File exists\n"


@pytest.fixture
def two_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    for attempt in range(3):  # Ray gives its own daemon 30 s, which a busy machine may exceed
        try:
            ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
            break
        except Exception:
            ray.shutdown()
            if attempt == 2:
                raise
    yield
    ray.shutdown()


def squared(item: tuple[int, Path]) -> int:
    """Return a number's square; the worker that is first to meet 3 is killed."""
    number, mark = item
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


@pytest.mark.long
@pytest.mark.usefixtures("two_workers")
def test_ray_gives_the_same_numbers_with_a_worker_killed(scenario: Scenario, tmp_path: Path) -> None:
    wanted = expected(scenario, tmp_path)
    killed = own(tmp_path, seed=2)
    study = Study(scenario, SEEDS, hours=3, folder=tmp_path / "kept", ray=True)
    assert bytes_of(study.run(policies(killed))) == wanted
    assert (tmp_path / "killed").exists()
    assert study.kept(policies(killed)) == 12
    with pytest.raises(PythonPolicyError, match=r"^Fails failed in mine\.py, line 19, with seed \d after .*KeyError"):
        study.run({"fails": own(tmp_path, name="Fails")})
    for hours in (1, 2):  # the same name on the same workers
        shorter = {PAIR.name: replicate(scenario, PAIR.engine(scenario), SEEDS, hours=hours)}
        assert bytes_of(Study(scenario, SEEDS, hours=hours, ray=True).run({PAIR.name: PAIR})) == bytes_of(shorter)
    mark = tmp_path / "mark"
    assert workers.on_ray(squared, [(number, mark) for number in range(5)]) == [0, 1, 4, 9, 16]
    assert mark.exists()
