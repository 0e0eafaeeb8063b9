"""The examples run, a learner for some hundred steps, and what they train loads."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import REPOSITORY

from libpatrol import Policy
from libpatrol.enums import Networks

EXAMPLE = REPOSITORY / "bindings" / "python" / "examples" / "train_patrol.py"


def test_train_patrol(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("optax", reason="optax (extra `examples`) is not installed")
    specification = importlib.util.spec_from_file_location("train_patrol", EXAMPLE)
    example = importlib.util.module_from_spec(specification)
    monkeypatch.setitem(sys.modules, "train_patrol", example)
    specification.loader.exec_module(example)
    out = tmp_path / "policy.safetensors"
    monkeypatch.setattr(sys, "argv", ["train_patrol", "--rounds", "8", "--replications", "2", "--out", str(out)])
    example.main()
    assert "learned+minimum_weighted_travel" in capsys.readouterr().out
    policy = Policy.load(out)
    assert policy.info.networks == Networks.PATROL
    # The library's network is the one that was trained.
    features = np.random.default_rng(0).uniform(0, 1, (5, 28)).astype(np.float32)
    layers = {name: np.asarray(tensor) for name, tensor in read(out).items()}
    hidden = features
    for k in (0, 2, 4):
        hidden = hidden @ layers[f"patrol.{k}.weight"].T + layers[f"patrol.{k}.bias"]
        hidden = np.maximum(hidden, 0) if k < 4 else hidden
    np.testing.assert_allclose(policy.evaluate("patrol", features), hidden[:, 0], atol=1e-4)


def read(path: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(path)
