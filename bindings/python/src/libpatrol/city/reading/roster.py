"""Who was on duty when."""

from zoneinfo import ZoneInfo

import pandas as pd

from libpatrol.city.reading.call_log import CallLog
from libpatrol.city.reading.call_times import joined, parts_of
from libpatrol.city.reading.mapping import CityMapping
from libpatrol.replay.log_table import Log, LogAccount
from libpatrol.replay.log_times import read_instants
from libpatrol.replay.log_values import read_names

_LONGEST = pd.Timedelta(hours=24)
_USUALLY = 0.5  # share of shifts that end within a day


def read_roster(log: Log, mapping: CityMapping, zone: ZoneInfo) -> pd.DataFrame:
    """Return a roster: unit, start and end of each shift; a unit's shifts that overlap are one, and a remark says so.

    Raises
    ------
    ValueError
        If a row has no unit, does not end after its start, or lasts longer than a day where others do not; the sentence
        names file and row.
    """
    columns, where = mapping.roster, log.account.where
    names = {thing: getattr(columns, thing) or thing for thing in ("unit", "start", "end")}
    missing = [thing for thing, name in names.items() if not set(parts_of(name)) <= set(log.table)]
    if missing:
        raise ValueError(
            f"{where} has no column {names[missing[0]]}, it has {', '.join(map(str, log.table))}: say {missing[0]} in "
            f"[roster] of {mapping.where}"
        )
    table = log.columns(dict.fromkeys(part for name in names.values() for part in parts_of(name)))
    day_first = mapping.calls.day_first if columns.day_first is None else columns.day_first
    roster = pd.DataFrame({"unit": read_names(table[names["unit"]])})
    for thing in ("start", "end"):
        roster[thing] = read_instants(
            joined(table, names[thing]),
            f"{where}: {names[thing]}",
            zone,
            day_first=day_first,
            form=columns.time_format or mapping.calls.time_format,
            row=log.account.row,
        ).times
    length = roster["end"] - roster["start"]
    wrong = roster["unit"].isna() | ~(length > pd.Timedelta(0))
    if (length <= _LONGEST).mean() > _USUALLY:  # else the roster has spans of another kind than shifts
        wrong |= length > _LONGEST
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise ValueError(
            f"{where}, {log.account.row(row)}: the shift of {roster['unit'].iloc[row] or 'nobody'} is from "
            f"{table[names['start']].iloc[row] if names['start'] in table else '?'} to "
            f"{table[names['end']].iloc[row] if names['end'] in table else '?'}, expected a unit, and an end within a "
            "day"
        )
    return _joined(roster, log).sort_values(["start", "unit"], kind="stable", ignore_index=True)


def _joined(roster: pd.DataFrame, log: Log) -> pd.DataFrame:
    """Return the roster without overlaps: a unit with two officers has two rows in some rosters, and is one unit."""
    own = roster.sort_values(["unit", "start"], kind="stable", ignore_index=True)
    begins = own["start"] >= own.groupby("unit")["end"].cummax().groupby(own["unit"]).shift()
    begins |= ~own["unit"].duplicated()
    if begins.all():
        return roster
    first = own[~begins].iloc[0]
    log.account.remarks.append(
        f"{int((~begins).sum()):,} of {len(own):,} shifts of {log.account.where} overlap another one of the same unit "
        f"and count once with it, the first of them that of {first['unit']} from {first['start']:%Y-%m-%d %H:%M} UTC"
    )
    return own.groupby(begins.cumsum(), as_index=False).agg(
        unit=("unit", "first"), start=("start", "first"), end=("end", "max")
    )


def compare_roster(roster: pd.DataFrame, log: CallLog, account: LogAccount) -> None:
    """Remark on units of the log that the roster does not have.

    Raises
    ------
    ValueError
        If the roster is of another period than the calls.
    """
    first, last = log.calls["received"].min(), log.calls["received"].max()
    if not ((roster["start"] <= last) & (roster["end"] >= first)).any():
        raise ValueError(
            f"{account.where} is of {roster['start'].min():%Y-%m-%d} to {roster['end'].max():%Y-%m-%d}, the calls of "
            f"{log.account.where} are of {first:%Y-%m-%d} to {last:%Y-%m-%d}: expected the roster of these days"
        )
    units = log.responses["unit"].dropna()
    unknown = units[~units.isin(roster["unit"].unique())]
    if len(unknown):
        account.remarks.append(
            f"{unknown.nunique():,} of {units.nunique():,} units that were sent to calls are not in {account.where}, "
            f"such as {unknown.iloc[0]}: they count as off duty"
        )
