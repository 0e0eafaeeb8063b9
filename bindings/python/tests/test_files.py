"""Area and policy files: what is written is what is loaded."""

from pathlib import Path

import numpy as np
import pytest

import libpatrol
from libpatrol import Area, AreaArrays, PatrolError, Policy, Status
from libpatrol.enums import Networks
from libpatrol.files import write_area, write_policy
from libpatrol.policy import bundled_policies
from libpatrol.synthetic import cities
from reference.networks import random_layers, state_dict, value_network


class Tensor:
    """What the writer uses of a PyTorch tensor."""

    def __init__(self, array: np.ndarray, dtype: str = "torch.float32") -> None:
        self.array, self.dtype = array, dtype

    def detach(self) -> "Tensor":
        return self

    def cpu(self) -> "Tensor":
        return self

    def float(self) -> "Tensor":
        return Tensor(self.array)

    def numpy(self) -> np.ndarray:
        assert self.dtype != "torch.bfloat16", "numpy has no such type"
        return self.array


@pytest.mark.parametrize("seed", range(3))
def test_an_area_file_is_the_area(seed: int, tmp_path: Path) -> None:
    city = cities.irregular(80, seed=seed)
    write_area(tmp_path / "area", **city)
    made, loaded = Area.from_arrays(**city), Area.load(tmp_path / "area")
    assert loaded.info == made.info
    assert Area.from_bytes((tmp_path / "area").read_bytes()).info == made.info
    assert loaded.demand_points.tolist() == made.demand_points.tolist()
    write_area(tmp_path / "again", **city)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "area").read_bytes()


def test_an_area_without_coordinates_or_demand(tmp_path: Path) -> None:
    arrays = AreaArrays(
        node_count=4, edges=[[0, 1], [1, 2], [2, 3]], edge_patrol_seconds=[1, 2, 3], category_service_seconds=[60]
    )
    write_area(tmp_path / "area", **arrays)
    loaded = Area.load(tmp_path / "area")
    assert loaded.info == Area.from_arrays(**arrays).info
    assert loaded.path(0, 3).nodes.tolist() == [0, 1, 2, 3]
    assert loaded.travel_times([0], [1, 3]).tolist() == [[1, 6]]


def test_options_change_the_hash(city: AreaArrays) -> None:
    hashes = {Area.from_arrays(**city, max_demand_points=points).info.content_hash for points in (16, 32)}
    assert len(hashes) == 2


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"edge_patrol_seconds": [1.0]}, "edge_patrol_seconds has shape"),
        ({"edges": [0, 1]}, "edges has shape"),
        ({"edges": [[-1, 0]] * 360}, "edges holds values"),
        ({"edges": [[0.5, 0]] * 360}, "edges holds values"),
        ({"coordinates": None, "coordinate_system": 0}, "node_count is needed"),
        ({"coordinates": None, "node_count": 100}, "but there are no coordinates"),
        ({"node_count": 99}, "coordinates has shape"),
        ({"demand_nodes": [1, 2]}, "demand_nodes has shape"),
        ({"node_beats": np.zeros(99)}, "node_beats has shape"),
    ],
)
def test_arrays_of_the_wrong_shape(city: AreaArrays, changes: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        AreaArrays(**dict(city) | {"node_count": 0} | changes)


def test_a_policy_file_from_a_state_dict(tmp_path: Path, rng: np.random.Generator) -> None:
    layers = random_layers(rng, [28, 8, 1], np.float32)
    plain = state_dict(layers)
    write_policy(tmp_path / "numpy", patrol=plain, metadata={"scenario": "grid", "note": "naïve"})
    write_policy(
        tmp_path / "torch",
        patrol={name: Tensor(array, "torch.bfloat16") for name, array in plain.items()},
        metadata={"note": "naïve", "scenario": "grid"},
    )
    assert (tmp_path / "numpy").read_bytes() == (tmp_path / "torch").read_bytes()
    policy = Policy.load(tmp_path / "torch")
    assert policy.info.networks == Networks.PATROL
    assert policy.metadata["scenario"] == "grid" and policy.metadata["note"] == "naïve"
    assert policy.metadata["patrol.features"] == "candidate/1"
    assert policy.tensors["patrol.0.weight"] == ("F32", (8, 28))


def test_a_policy_with_all_networks(tmp_path: Path, rng: np.random.Generator) -> None:
    write_policy(
        tmp_path / "p",
        patrol=state_dict(random_layers(rng, [28, 8, 1], np.float32)),
        pair=state_dict(random_layers(rng, [24, 8, 1], np.float32)),
        value=value_network(rng, 8, 3, -1.0),
        metadata={"requires_categories": "2"},
    )
    policy = Policy.load(tmp_path / "p")
    info = policy.info
    assert info.networks == Networks.PATROL | Networks.PAIR | Networks.VALUE
    assert info.requires_categories == 2
    assert policy.metadata["value.form"] == "concave"


def test_networks_that_do_not_fit_are_not_written(tmp_path: Path, rng: np.random.Generator) -> None:
    with pytest.raises(PatrolError) as caught:
        write_policy(tmp_path / "p", patrol=state_dict(random_layers(rng, [27, 8, 1], np.float32)))
    assert caught.value.status in (Status.INVALID_FILE, Status.UNSUPPORTED)
    assert not (tmp_path / "p").exists()


def test_files_that_are_none(tmp_path: Path, city: AreaArrays) -> None:
    (tmp_path / "file").write_bytes(b"\xff" * 100)
    for load in (Area.load, Policy.load):
        with pytest.raises(PatrolError) as caught:
            load(tmp_path / "file")
        assert caught.value.status is Status.INVALID_FILE
        assert caught.value.message.startswith(f"{tmp_path / 'file'}: ")
        with pytest.raises(PatrolError) as caught:
            load(tmp_path / "missing")
        assert caught.value.status is Status.IO and "missing" in caught.value.message
    write_area(tmp_path / "area", **city)
    with pytest.raises(PatrolError) as caught:
        Policy.load(tmp_path / "area")
    assert caught.value.status is Status.INVALID_FILE


def test_bundled_policies_say_what_they_are() -> None:
    assert bundled_policies() == ["general", "hotspots-heavy", "metro-medium", "southwest-atlanta"]
    for name in bundled_policies():
        metadata = libpatrol.Policy.bundled(name).metadata
        assert metadata["libpatrol_version"] and int(metadata["training_events"]) > 1e6
        assert float(metadata["validation_difference"]) < 0
    policy = libpatrol.Policy.bundled("hotspots-heavy")
    assert policy.info.networks == Networks.PATROL | Networks.PAIR | Networks.VALUE
    assert policy.tensors["patrol.0.weight"].shape[1] in (28, 33)
    assert policy.tensors["pair.0.weight"].shape[1] == 24
