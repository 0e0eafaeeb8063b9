"""Pictures: what they show is what they were given; their bytes repeat; the caller's settings stay."""

from pathlib import Path

import numpy as np
import pytest

from libpatrol import Area
from libpatrol.lab.training import OUTCOME_DTYPE
from libpatrol.synthetic import cities

matplotlib = pytest.importorskip("matplotlib", reason="the extra `plot` is not installed")

from libpatrol import pictures  # noqa: E402, after the check
from libpatrol.pictures import Band  # noqa: E402
from libpatrol.pictures.maps import flat_metres  # noqa: E402
from libpatrol.pictures.style import COLORS, written  # noqa: E402

TIMES = {
    "today": {"priority 1": Band(4.0, 3.5, 4.5), "priority 2": Band(9.0, 8.0, 10.0)},
    "trained": {"priority 1": Band(3.0, 2.5, 3.5), "priority 2": Band(9.5)},
}


def outcomes() -> np.ndarray:
    rows = np.zeros(4, OUTCOME_DTYPE)
    rows["kind"], rows["events"], rows["is_accepted"] = [0, 1, 2, 3], [1e6, 2e6, 3e6, 4e6], [1, 1, 0, 1]
    rows["cost"] = [1.0, 0.9, 0.95, 0.8]
    return rows


def all_pictures(area: Area) -> dict[str, object]:
    return {
        "map": pictures.city_map(area, beat_names=["a", "b", "c", "d", "e"], posts=[3, 40], within_seconds=240),
        "response": pictures.response(TIMES),
        "differences": pictures.differences({"trained": Band(-1.0, -1.5, -0.5)}, reference="today"),
        "week": pictures.hours_of_the_week(np.arange(168), title="Calls", unit="calls an hour"),
        "day": pictures.hours_of_the_day({"today": np.arange(24)}, title="Response", unit="minutes"),
        "training": pictures.training(outcomes()),
        "staffing": pictures.staffing([4, 5], {"day": [Band(0.8, 0.7, 0.9), Band(0.9)]}, target=0.9, what="in time"),
    }


def test_every_picture_is_written_and_repeats(area: Area, tmp_path: Path) -> None:
    again = all_pictures(area)
    for name, figure in all_pictures(area).items():
        pictures.save(figure, tmp_path / f"{name}.svg")
        drawing = (tmp_path / f"{name}.svg").read_bytes()
        assert b"<svg" in drawing and drawing == written(again[name], "svg")
        pictures.save(figure, tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_streets_and_hulls_that_are_not_real_are_left_out(area: Area) -> None:
    names = ["a", "b", "c", "d", "e"]
    for shown in (True, False):
        axes = pictures.city_map(area, beat_names=names, streets=shown, hulls=shown).axes[0]
        lines = [one for one in axes.collections if type(one).__name__ == "LineCollection"]
        assert bool(lines) == bool(axes.patches) == shown
        assert {text.get_text() for text in axes.texts} >= set(names)


def test_other_forms_are_refused(area: Area, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ends in nothing, expected \.png or \.svg"):
        pictures.save(pictures.city_map(area), tmp_path / "map")


def test_settings_of_the_caller_stay(area: Area) -> None:
    before = dict(matplotlib.rcParams)
    for figure in all_pictures(area).values():
        written(figure, "svg")
    assert dict(matplotlib.rcParams) == before


def test_marks_stand_where_the_numbers_are() -> None:
    axes = pictures.response(TIMES).axes[0]
    assert [line.get_xdata().tolist() for line in axes.lines[:2]] == [[4.0, 9.0], [3.0, 9.5]]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["priority 1", "priority 2"]
    assert {line.get_marker() for line in axes.lines[:2]} == {"o", "s"}


def test_the_line_of_training_is_the_best_that_was_kept() -> None:
    axes = pictures.training(outcomes()).axes[0]
    assert axes.lines[0].get_ydata().tolist() == [1.0, 0.9, 0.9, 0.8]


def test_a_week_has_168_hours() -> None:
    with pytest.raises(ValueError, match=r"shape \[24\], expected \[168\]"):
        pictures.hours_of_the_week(np.arange(24), title="", unit="")


def test_degrees_become_metres() -> None:
    city = cities.grid(2, 2, beats=1, seed=1)
    degrees = [[13.0, 52.0], [13.001, 52.0], [13.0, 52.001], [13.001, 52.001]]
    geographic = type(city)(**{**city, "coordinates": degrees, "coordinate_system": "geographic"})
    assert np.allclose(flat_metres(geographic)[3], [68.5, 111.3], atol=0.1)
    assert np.allclose(flat_metres(geographic, [[13.002, 52.0]]), [[137.1, 0.0]], atol=0.2)


def test_a_map_needs_coordinates() -> None:
    area = Area.from_arrays(
        node_count=2, edges=[[0, 1], [1, 0]], edge_patrol_seconds=[9, 9], category_service_seconds=[1]
    )
    with pytest.raises(ValueError, match="no coordinates"):
        pictures.city_map(area)


def test_colors_differ_for_the_color_blind() -> None:
    """Lightness differs between neighbors in the palette, so that they differ in print too."""
    rgb = np.array([matplotlib.colors.to_rgb(color) for color in COLORS[:4]])
    light = rgb @ [0.2126, 0.7152, 0.0722]
    assert (np.abs(np.diff(light)) > 0.03).all()
