"""City folders: what is written is read, they appear whole or not at all, damage is named."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from city_folders import CATEGORIES, UNITS, tiny_city
from city_sources import TOWN, call_table

from libpatrol import Area
from libpatrol.city import import_city, open_city
from libpatrol.city.facts import CityFacts
from libpatrol.city.folder import CityFolder
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.city.tables import SCHEMAS, write_table
from libpatrol.city.toml_text import toml_text
from libpatrol.commands.cli import main


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> CityFolder:
    return tiny_city(tmp_path_factory.mktemp("city") / "tiny")


def test_what_is_written_is_read(tiny: CityFolder) -> None:
    again = open_city(tiny.path)
    assert again.facts == tiny.facts and again.facts.categories == CATEGORIES
    calls, responses, roster = again.calls(), again.responses(), again.roster()
    assert list(calls) == SCHEMAS["calls"].names and str(calls["received"].dtype) == "datetime64[us, UTC]"
    assert calls["received"].is_monotonic_increasing and len(calls) == tiny.facts.sources["calls"]["rows"]
    assert responses["call_id"].isin(calls["call_id"]).all() and len(responses) == calls["responding"].sum()
    assert set(roster["unit"]) == set(UNITS)
    assert {"traffic stop", "meal"} == set(again.other_work()["category"])
    local = calls["received"].dt.tz_convert(again.zone)
    assert (local.iloc[0].weekday(), local.iloc[0].hour) == (0, 0)
    assert (calls["arrived"] >= calls["dispatched"]).all() and (calls["dispatched"] >= calls["received"]).all()


def test_streets_beats_and_nodes_agree(tiny: CityFolder) -> None:
    nodes, beats = tiny.nodes(), tiny.beats()
    assert beats.crs.to_string() == tiny.facts.crs and beats.geometry.is_valid.all()
    assert (beats["name"].to_numpy()[tiny.streets.node_beats] == nodes["beat"]).all()
    np.testing.assert_array_equal(tiny.streets.coordinates, nodes[["x", "y"]])
    area: Area = tiny.area()
    assert area.info.beat_count == 4 and area.info.category_count == len(tiny.category_names)
    assert area.nearest_nodes(tiny.calls()[["x", "y"]])[0].tolist() == tiny.calls()["node"].tolist()
    assert np.isfinite(area.travel_times(range(25), range(25))).all()


def test_a_step_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    city = tiny_city(tmp_path / "tiny")
    with pytest.raises(ValueError, match=r"no results of check yet: run libpatrol check"):
        city.step("check")
    with pytest.raises(KeyboardInterrupt), city.write_step("check") as folder:
        (folder / "check.json").write_text("{}")
        raise KeyboardInterrupt
    assert not city.has_step("check")
    before = sorted(entry.name for entry in city.path.iterdir())
    for number in (1, 2):
        with city.write_step("check") as folder:
            (folder / "check.json").write_text(f'{{"run": {number}}}')
        assert city.step("check").results == {"run": number}
    assert sorted(entry.name for entry in city.path.iterdir()) == sorted([*before, "model"])
    with pytest.raises(KeyboardInterrupt), city.write_step("check") as folder:
        raise KeyboardInterrupt
    assert city.step("check").results == {"run": 2}


def test_other_folders_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("all my work")
    with pytest.raises(ValueError, match="exists and is not a city folder"):
        tiny_city(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(ValueError, match=r"is not a city folder: it has no city.toml"):
        CityFolder(tmp_path)


def test_damage_is_named(tmp_path: Path) -> None:
    city = tiny_city(tmp_path / "tiny")
    write_table(city.path / "calls.parquet", "responses", city.responses())
    with pytest.raises(ValueError, match=r"calls.parquet has no column received of type timestamp"):
        city.calls()
    (city.path / "nodes.parquet").write_bytes(b"PAR1")
    with pytest.raises(ValueError, match=r"nodes.parquet cannot be read"):
        city.nodes()
    (city.path / "nodes.parquet").unlink()
    with pytest.raises(ValueError, match=r"lacks nodes.parquet: import it again"):
        CityFolder(city.path)
    text = (city.path / "city.toml").read_text()
    for old, new, sentence in (
        ("format = 1", "format = 2", "has format 2, expected 1"),
        ("priority = 1", "priority = 9", "the priority of assault is 9, expected 1 to 8"),
        ('streets = "file"', 'streets = "?"', "streets is '\\?', expected 'file' or"),
    ):
        (tmp_path / "city.toml").write_text(text.replace(old, new))
        with pytest.raises(ValueError, match=sentence):
            CityFacts.load(tmp_path / "city.toml")


def test_toml_text_is_read_back() -> None:
    from libpatrol.scenario.toml_tables import parse_toml

    values = {
        "a b": 'quo"te \\ \x7f \n ü',
        "n": [1, 2.5, -1e300],
        "t": {"x": True, "deep er": {"y": ["a", "b\t"]}},
        "rows": [{"p": 1}, {"q": {"r": "s"}}],
        "é": "1",
    }
    assert parse_toml(toml_text(values), "here") == values
    assert pd.isna(parse_toml(toml_text({"x": float("nan")}), "here")["x"])


def test_an_import_keeps_what_it_did_not_write(tmp_path: Path) -> None:
    table, place = call_table(), tmp_path / "town"
    mapping = CityMapping.parse(TOWN, "mapping.toml")
    import_city(place, calls=table, mapping=mapping)
    import_city(place, calls=table.iloc[:30], mapping=mapping)  # an earlier import of the same city
    assert len(open_city(place).calls()) == 30
    for text, sentence in (
        (TOWN.replace("Gridville", "Another"), "town is the city folder of Gridville, not of Another: give another"),
        (TOWN.replace("units = 2", "units = 3"), None),  # corrected where it was written
    ):
        other = CityMapping.parse(text, "mapping.toml")
        if sentence is None:
            import_city(place, calls=table, mapping=other)
            assert open_city(place).category_names == ["fight", "other"]
            continue
        with pytest.raises(ValueError, match=sentence):
            import_city(place, calls=table, mapping=other)
    written = place / "mapping.toml"
    written.write_text(written.read_text(encoding="utf-8") + "# my own words", encoding="utf-8")
    with pytest.raises(ValueError, match=r"mapping.toml was changed after the import: give --mapping .*mapping.toml"):
        import_city(place, calls=table, mapping=mapping)
    import_city(place, calls=table, mapping=written)
    assert "my own words" in written.read_text(encoding="utf-8")
    (place / "notes.txt").write_text("ask the chief", encoding="utf-8")
    with pytest.raises(ValueError, match=r"town has notes.txt, which an import does not write: give another --out"):
        import_city(place, calls=table, mapping=written)
    assert (place / "notes.txt").read_text(encoding="utf-8") == "ask the chief"


def test_a_report_replaces_reports_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tiny_city(tmp_path / "tiny")
    (tmp_path / "notes.md").write_text("ask the chief", encoding="utf-8")
    assert main(["report", str(tmp_path / "tiny"), "--out", str(tmp_path / "notes.md")]) == 1
    assert "notes.md exists and is not a report: give another --out, or delete it" in capsys.readouterr().err
    assert (tmp_path / "notes.md").read_text(encoding="utf-8") == "ask the chief"
