"""The exported log of a known city, clean and dirty, is imported as what it was."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from known_cities import imported, known_city

from libpatrol.city.activity import Activity
from libpatrol.city.export_log import export_log
from libpatrol.city.folder import CityFolder

WEEKS = 2


@pytest.fixture(scope="module")
def truth() -> Activity:
    return known_city().activity(WEEKS, 1)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> CityFolder:
    return imported(known_city(), tmp_path_factory.mktemp("clean"), weeks=WEEKS)


def calls_of(city: CityFolder) -> pd.DataFrame:
    return city.calls().set_index("call_id").sort_index()


def test_a_clean_log_gives_what_was_simulated(truth: Activity, clean: CityFolder) -> None:
    known, calls = known_city(), calls_of(clean)
    for name in ("edges", "edge_patrol_seconds"):
        order, other = (np.lexsort(streets.edges.T[::-1]) for streets in (clean.streets, known.city))
        found, wanted = getattr(clean.streets, name)[order], getattr(known.city, name)[other]
        np.testing.assert_allclose(found, wanted, rtol=1e-6)
    np.testing.assert_allclose(clean.streets.coordinates, known.xy, atol=0.02)
    assert clean.nodes()["beat"].tolist() == np.array(known.beats)[known.city.node_beats].tolist()
    assert calls.index.tolist() == [f"I{k:07d}" for k in range(len(truth.calls))]
    for name in ("received", "dispatched", "arrived", "cleared"):
        seconds = calls[name].dt.tz_convert(known.time_zone).dt.tz_localize(None) - pd.Timestamp(known.monday)
        sent = truth.calls["dispatched"].notna() if name == "received" else truth.calls[name].notna()
        last = truth.responses.groupby("call")["cleared"].max().reindex(truth.calls.index)
        wanted = last if name == "cleared" else truth.calls[name]
        known_ones = (sent & wanted.notna()).to_numpy()
        np.testing.assert_allclose(seconds.dt.total_seconds()[known_ones], wanted[known_ones], atol=0.5)
    assert calls["node"].tolist() == truth.calls["node"].tolist()
    names = np.array(known.scenario.category_names)[truth.calls["category"]]
    assert calls["category"].tolist() == names.tolist()
    assert calls["priority"].tolist() == truth.calls["priority"].tolist()
    responding = truth.responses.groupby("call")["unit"].nunique().reindex(truth.calls.index).fillna(0)
    assert calls["responding"].fillna(0).tolist() == responding.tolist()
    units = truth.responses.groupby("call")["unit"].nunique().sum()
    assert len(clean.responses()) == units and len(clean.other_work()) == len(truth.work)
    on_duty = (clean.roster()["end"] - clean.roster()["start"]).dt.total_seconds().groupby(clean.roster()["unit"]).sum()
    wanted = (truth.duty["end"] - truth.duty["start"]).groupby(truth.duty["unit"]).sum()
    np.testing.assert_allclose(on_duty.sort_index(), wanted.sort_index(), atol=20)


def test_dirt_is_counted_and_changes_nothing_else(clean: CityFolder, tmp_path: Path) -> None:
    city = imported(known_city(), tmp_path, weeks=WEEKS, dirt=0.02)
    expected, calls, clean = clean, calls_of(city), calls_of(clean)
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


def test_a_log_is_written_over_nothing(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("all that we have", encoding="utf-8")
    with pytest.raises(ValueError, match="exists, and is no empty folder: give another name, or delete it"):
        export_log(known_city(), tmp_path, weeks=1)
    assert [path.name for path in tmp_path.iterdir()] == ["calls.csv"]
