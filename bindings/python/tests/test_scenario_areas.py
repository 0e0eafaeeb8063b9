"""Area files through scenarios: read as `Area.load` reads them, and what is said about their roads and demand."""

import dataclasses
from pathlib import Path

import ml_dtypes
import numpy as np
import pytest
from safetensors.numpy import save_file

from libpatrol import Area, AreaArrays, PatrolError, Scenario
from libpatrol.enums import CoordinateSystem
from libpatrol.files import read_area, write_area
from libpatrol.scenario.files import read_description

SCENARIO = (
    'format = "libpatrol scenario"\nformat_version = 1\ndescription = "mine"\n'
    '[city]\nfile = "city.safetensors"\n[fleet]\nunits = 3\n'
)
METADATA = {
    "format": "libpatrol area",
    "format_version": "1",
    "coordinate_system": "planar",
    "period_hours": "24",
}


@pytest.fixture
def folder(tmp_path: Path, city: AreaArrays) -> Path:
    """A scenario file with its area file in a folder of their own."""
    write_area(tmp_path / "city.safetensors", **city)
    (tmp_path / "mine.toml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def tensors(city: AreaArrays) -> dict[str, np.ndarray]:
    return {
        name: array.astype(np.int32) if array.dtype == np.uint32 else array for name, array in city.tensors().items()
    }


def later_version(path: Path, city: AreaArrays) -> None:
    save_file(tensors(city), path, METADATA | {"format_version": "2"})


def another_tensor(path: Path, city: AreaArrays) -> None:
    save_file(tensors(city) | {"speed_limits": np.ones(3, np.float32)}, path, METADATA)


def other_type(path: Path, city: AreaArrays) -> None:
    save_file(tensors(city) | {"edges": city.edges.astype(np.float32)}, path, METADATA)


def no_system(path: Path, city: AreaArrays) -> None:
    save_file(tensors(city), path, {name: value for name, value in METADATA.items() if name != "coordinate_system"})


def other_period(path: Path, city: AreaArrays) -> None:
    save_file(tensors(city), path, METADATA | {"period_hours": "168"})


def truncated(path: Path, city: AreaArrays) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def empty(path: Path, city: AreaArrays) -> None:
    path.write_bytes(b"")


def another_kind(path: Path, city: AreaArrays) -> None:
    path.write_text("nodes,edges\n", encoding="utf-8")


def missing(path: Path, city: AreaArrays) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "broken",
    [later_version, another_tensor, other_type, no_system, other_period, truncated, empty, another_kind, missing],
)
def test_a_wrong_area_file_has_the_library_s_own_sentence(broken: object, folder: Path, city: AreaArrays) -> None:
    broken(folder / "city.safetensors", city)
    with pytest.raises(PatrolError) as expected:
        Area.load(folder / "city.safetensors")
    with pytest.raises(PatrolError) as caught:
        Scenario.load(folder / "mine.toml")
    assert str(caught.value) == str(expected.value)


@pytest.mark.parametrize("kind", [ml_dtypes.bfloat16, np.float16, np.float64])
def test_other_number_types_are_read_alike(kind: type, folder: Path, city: AreaArrays) -> None:
    rounded = dataclasses.replace(city, edge_patrol_seconds=city.edge_patrol_seconds.astype(kind).astype(np.float32))
    path = folder / "city.safetensors"
    save_file(tensors(city) | {"edge_patrol_seconds": city.edge_patrol_seconds.astype(kind)}, path, METADATA)
    assert Area.load(path).info == Area.from_arrays(**read_area(path)).info == Area.from_arrays(**rounded).info
    assert Scenario.load(folder / "mine.toml").area.info.node_count == city.node_count


def test_an_area_without_coordinates_is_read(tmp_path: Path) -> None:
    arrays = AreaArrays(
        node_count=4, edges=[[0, 1], [1, 2], [2, 3]], edge_patrol_seconds=[1, 2, 3], category_service_seconds=[60]
    )
    write_area(tmp_path / "area", **arrays)
    assert Area.from_arrays(**read_area(tmp_path / "area")).info == Area.load(tmp_path / "area").info


def test_an_area_file_lies_beside_its_description(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    description = read_description(folder / "mine.toml")[0]
    assert Scenario.load(description).area.info == Scenario.load(folder / "mine.toml").area.info


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (
            "[demand]\nhotspots = [[0.5, 0.5]]\n",
            r"demand\.hotspots does not apply to a city from a file, which has its own demand",
        ),
        ('[[categories]]\nname = "all"\npriority = 1\nshare = 2\n', r"categories\[0\]\.share does not apply"),
        ('[[categories]]\nname = "all"\npriority = 1\n', "1 categories are described, the area has 2"),
    ],
)
def test_what_does_not_apply_to_an_area_file(more: str, sentence: str, folder: Path) -> None:
    (folder / "mine.toml").write_text(SCENARIO + more, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        Scenario.load(folder / "mine.toml")


@pytest.mark.parametrize("key", ["beats = 3", "block_metres = 100", "seed = 2", "rows = 4"])
def test_what_does_not_apply_to_its_city(key: str, folder: Path) -> None:
    text = SCENARIO.replace("[fleet]", f"{key}\n[fleet]")
    (folder / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=rf"mine\.toml: city\.{key.split()[0]} does not apply to a city from a file"):
        Scenario.load(folder / "mine.toml")


def test_an_area_without_calls_has_no_load(folder: Path, city: AreaArrays) -> None:
    quiet = dataclasses.replace(city, demand_calls_per_hour=np.zeros_like(city.demand_calls_per_hour))
    write_area(folder / "city.safetensors", **quiet)
    with pytest.raises(ValueError, match="no calls come in this area"):
        Scenario.load(folder / "mine.toml", 0.5)


def test_demand_that_cannot_be_reached_is_said(folder: Path, city: AreaArrays) -> None:
    """Node 99 becomes a place that can be left and not driven to."""
    kept = city.edges[:, 1] != 99
    names = ("edges", "edge_patrol_seconds", "edge_emergency_seconds")
    apart = dataclasses.replace(city, **{name: getattr(city, name)[kept] for name in names})
    write_area(folder / "city.safetensors", **apart)
    notes = Scenario.load(folder / "mine.toml").details.notes
    share = 100 * city.demand_calls_per_hour[99].sum() / city.demand_calls_per_hour.sum()
    assert len(notes) == 1 and notes[0].startswith(f"{share:.2g} % of the calls come from 1 place ")
    assert Scenario.load("hotspots").details.notes == ()


def test_degrees_are_not_taken_for_metres(city: AreaArrays) -> None:
    degrees = city.coordinates / 111_000 + (-84.4, 33.7)
    arrays = dict(city) | {"coordinates": degrees, "coordinate_system": CoordinateSystem.NONE, "node_count": 0}
    with pytest.raises(ValueError, match="coordinates look like degrees"):
        Area.from_arrays(**arrays)
    named = Area.from_arrays(**arrays | {"coordinate_system": "geographic"})
    assert named.info == Area.from_arrays(**arrays | {"coordinate_system": CoordinateSystem.GEOGRAPHIC}).info
    assert named.info.coordinate_system is CoordinateSystem.GEOGRAPHIC
    assert Area.from_arrays(**arrays | {"coordinate_system": "planar"}).info.node_count == 100
    with pytest.raises(ValueError, match="coordinate_system is 'metres', expected one of none, planar, geographic"):
        Area.from_arrays(**arrays | {"coordinate_system": "metres"})


@pytest.mark.parametrize("values", ["abc", [["a", "b"]], [[1, 2], [3]], [[None, 1]], [[2**70, 1]]])
def test_arrays_that_are_no_numbers(city: AreaArrays, values: object) -> None:
    with pytest.raises(ValueError, match=r"^edges "):
        AreaArrays(**dict(city) | {"edges": values})
