"""The exported log of a known city, clean and dirty, is imported as what it was."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from known_cities import clean_folder, known_city

from libpatrol.city import import_city
from libpatrol.city.export_log import export_log
from libpatrol.city.folder import CityFolder
from libpatrol.city.reading.mapping import CityMapping

MAPPING = """
[city]
time_zone = "Europe/Berlin"
[calls]
row = "unit"
id = "call_id"
received = "received"
dispatched = "dispatched"
arrived = "arrived"
cleared = "cleared"
day_first = false
x = "longitude"
y = "latitude"
beat = "beat"
category = "type"
priority = "priority"
unit = "unit"
[priorities]
"9" = 8
[[other_work]]
column = "type"
values = ["TRAFFIC STOP", "MEAL"]
[[categories]]
name = "assault"
values = ["assault"]
units = 2
[[categories]]
name = "burglary"
values = ["burglary"]
[[categories]]
name = "noise"
values = ["noise"]
"""
WEEKS = 2


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> CityFolder:
    return clean_folder(known_city(), tmp_path_factory.mktemp("clean") / "city", weeks=WEEKS)


def imported(folder: Path, dirt: float) -> CityFolder:
    export_log(known_city(), folder / "files", weeks=WEEKS, seed=1, dirt=dirt)
    return import_city(
        folder / "city",
        calls=folder / "files" / "calls.csv",
        roads=folder / "files" / "roads",
        beats=folder / "files" / "beats.geojson",
        roster=folder / "files" / "roster.csv",
        mapping=CityMapping.parse(MAPPING, "mapping.toml"),
    )


def calls_of(city: CityFolder) -> pd.DataFrame:
    return city.calls().set_index("call_id").sort_index()


def test_a_clean_log_gives_the_same_city(expected: CityFolder, tmp_path: Path) -> None:
    city = imported(tmp_path, 0.0)
    for name in ("edges", "edge_patrol_seconds"):
        order, other = (np.lexsort(streets.edges.T[::-1]) for streets in (city.streets, expected.streets))
        found, wanted = getattr(city.streets, name)[order], getattr(expected.streets, name)[other]
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    np.testing.assert_allclose(city.streets.coordinates, expected.streets.coordinates, atol=0.02)
    assert city.nodes()["beat"].tolist() == expected.nodes()["beat"].tolist()
    columns = ["received", "dispatched", "arrived", "cleared", "node", "category", "priority", "units", "responding"]
    pd.testing.assert_frame_equal(calls_of(city)[columns], calls_of(expected)[columns], check_dtype=False)
    rosters = city.roster(), expected.roster()
    assert len(city.responses()) == len(expected.responses()) and len(city.other_work()) == len(expected.other_work())
    hours = [duty.assign(on=duty["end"] - duty["start"]).groupby("unit")["on"].sum() for duty in rosters]
    pd.testing.assert_series_equal(*hours)


def test_dirt_is_counted_and_changes_nothing_else(expected: CityFolder, tmp_path: Path) -> None:
    city = imported(tmp_path, 0.02)
    calls, clean = calls_of(city), calls_of(expected)
    assert calls.index.equals(clean.index) and calls["category"].equals(clean["category"])
    assert calls["received"].equals(clean["received"]) and calls["cleared"].equals(clean["cleared"])
    assert (calls["responding"] == clean["responding"].fillna(0)).all() and len(city.responses()) == len(
        expected.responses()
    )
    assert 0.94 < (calls["arrived"] == clean["arrived"])[clean["arrived"].notna()].mean() < 1
    assert 0.97 < (calls["node"] == clean["node"]).mean() <= 1
    account = "\n".join(city.facts.account)
    for words in ("arrived before dispatched, dropped", "repeat a unit at a call", "calls have no arrival"):
        assert words in account
