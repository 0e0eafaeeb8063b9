"""Times of logs: spellings that mean the same, offsets, and what can be read in two ways."""

import numpy as np
import pandas as pd
import pytest

from libpatrol.replay.log_times import read_instants, read_times, zone_of


def times(*texts: str, **options: object) -> list[str]:
    return read_times(pd.Series(texts), "log.csv: time", **options).astype(str).tolist()


@pytest.mark.parametrize(
    "text",
    [
        "2021-04-01 17:30:00",
        "2021-04-01T17:30",
        "2021/04/01 17:30:00.000",
        "2021-04-01 05:30:00 PM",
        "20210401T173000",
        "202104011730",
        "01-Apr-2021 17:30:00",
        "2021 Apr 01 05:30:00 PM",
        "Apr  1 2021 05:30:00:000PM",
        "1 April 2021, 5:30 pm",
        "Apr 1, 2021 17:30",
        "Thu, 01 Apr 2021 17:30:00",
        "2021-04-01T17:30:00-06:00",
        "2021-04-01 17:30:00 -0600",
    ],
)
def test_spellings_of_a_time(text: str) -> None:
    assert times(text) == ["2021-04-01 17:30:00"]


def test_day_or_month_first() -> None:
    american = "01/04/2021 05:30:00 PM"
    with pytest.raises(ValueError, match=r"log.csv: time holds 01/04/2021 05:30:00 PM in row 1, which can be day or"):
        times(american)
    assert times(american, day_first=False) == ["2021-01-04 17:30:00"]
    assert times(american, day_first=True) == ["2021-04-01 17:30:00"]
    # The column decides: 31 is no month.
    assert times("1/4/21 17:30", "1/31/21 12:15 am") == ["2021-01-04 17:30:00", "2021-01-31 00:15:00"]
    assert times("01.04.2021 17:30", "31.01.2021 0:15") == ["2021-04-01 17:30:00", "2021-01-31 00:15:00"]
    assert times("4/4/2021 1:00") == ["2021-04-04 01:00:00"]
    with pytest.raises(ValueError, match=r"holds 31/1/2021 1:00 in row 1 and 1/31/2021 1:00 in row 2"):
        times("31/1/2021 1:00", "1/31/2021 1:00")


def test_offsets_are_of_the_wall_clock() -> None:
    # Clocks go forward in Chicago at 2:00, and the offset with them.
    spring = ["2021-03-14T01:30:00-06:00", "2021-03-14T03:30:00-05:00"]
    wall = ["2021-03-14 01:30:00", "2021-03-14 03:30:00"]
    assert times(*spring) == wall == times(*spring, time_zone="America/Chicago")
    assert times("2021-03-14T07:30:00Z", "2021-03-14T08:30:00Z", time_zone="America/Chicago") == wall
    assert times("2021-03-14 07:30 UTC", "2021-03-14 03:30", time_zone="America/Chicago") == wall
    for utc in ("2021-03-14T07:30:00Z", "2021-03-14T07:30:00+00:00", "2021-03-14 07:30 GMT"):
        with pytest.raises(ValueError, match=r"log.csv: time is in UTC: state the time_zone"):
            times(utc)
    # Winter and summer of London are not UTC.
    assert times("2021-03-01T07:30:00+00:00", "2021-07-01T07:30:00+01:00")[0] == "2021-03-01 07:30:00"
    with pytest.raises(ValueError, match="offsets of different time zones"):
        times("2021-03-14T01:30:00-06:00", "2021-03-14T03:30:00+09:00")
    with pytest.raises(ValueError, match="the time zone 'Mars/Olympus' is not known"):
        times("2021-03-14T07:30:00Z", time_zone="Mars/Olympus")


def test_times_of_tables() -> None:
    naive = pd.Series(pd.to_datetime(["2021-03-14 01:30:00", None]))
    assert read_times(naive, "t").tolist() == [pd.Timestamp("2021-03-14 01:30:00"), pd.NaT]
    utc = pd.Series(pd.to_datetime(["2021-03-14 07:30:00"], utc=True))
    assert read_times(utc, "t", time_zone="America/Chicago").astype(str).tolist() == ["2021-03-14 01:30:00"]
    with pytest.raises(ValueError, match="t is in UTC"):
        read_times(utc, "t")
    local = utc.dt.tz_convert("America/Chicago")
    assert read_times(local, "t").astype(str).tolist() == ["2021-03-14 01:30:00"]


def test_the_end_of_a_day() -> None:
    assert times("2021-04-01 24:00", "2021-04-01 23:00")[0] == "2021-04-02 00:00:00"


def test_instants() -> None:
    zone = zone_of("America/Chicago")

    def instants(*texts: str) -> list[str]:
        return read_instants(pd.Series(texts), "t", zone).times.dt.strftime("%d %H:%M").tolist()

    assert instants("2021-07-01 12:00") == ["01 17:00"]
    assert instants("2021-07-01T12:00:00Z", "2021-07-01T12:00-06:00", "") == ["01 12:00", "01 18:00", np.nan]
    # Clocks skip 2:00 to 3:00 on 14 March, and show 1:00 to 2:00 twice on 7 November.
    assert instants("2021-03-14 02:30") == ["14 08:00"]
    back = read_instants(pd.Series(["2021-11-07 00:59", "2021-11-07 01:30", "2021-11-07 02:00"]), "t", zone)
    assert back.times.dt.strftime("%H:%M").tolist() == ["05:59", "06:30", "08:00"]
    assert back.twice.tolist() == [False, True, False]
    for unix in ("1625158800", "1625158800000"):
        assert instants(unix) == ["01 17:00"]
    aware = pd.Series(pd.to_datetime(["2021-07-01 12:00"]).tz_localize("America/New_York"))
    assert read_instants(aware, "t", zone).times.dt.hour.tolist() == [16]
    assert read_instants(aware.dt.tz_localize(None), "t", zone).times.dt.hour.tolist() == [17]


def test_a_column_of_many_shapes() -> None:
    texts = [
        "1/2/2021 1:05 PM",
        "12/31/2021 11:59 AM",
        "1/2/2021 1:05\u202fpm",
        "",
        "n/a",
        "1/2/2021 25:00",
        "13/13/2021 1:00 PM",
    ]
    read = times(*texts, day_first=False)
    assert read[:3] == ["2021-01-02 13:05:00", "2021-12-31 11:59:00", "2021-01-02 13:05:00"]
    assert read_times(pd.Series(texts), "t", day_first=False).notna().tolist() == [True] * 3 + [False] * 4
