"""Several files, such as one of each month, as one log."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from libpatrol.replay.log_table import LeftOut, Log, LogAccount


def put_together(logs: Sequence[Log]) -> Log:
    """Return logs with the same columns, such as one of each month, as one log.

    Raises
    ------
    ValueError
        If one has other columns than the first.
    """
    first = logs[0]
    if len(logs) == 1:
        return first
    columns = list(first.table)
    for log in logs[1:]:
        for one, other in ((first, log), (log, first)):
            more = [str(name) for name in one.table if name not in set(other.table)]
            if more:
                raise ValueError(
                    f"{one.account.where} has the column {', '.join(more)}, which {other.account.where} lacks: files "
                    "that are read as one log need the same columns"
                )
    names = [log.account.where for log in logs]
    table = pd.concat([log.table[columns] for log in logs], ignore_index=True)
    files = [(log.account.where, len(log.table), log.account.heading) for log in logs]
    account = LogAccount(", ".join(names), len(table), files=files)
    account.stays = np.concatenate([log.account.stays for log in logs])
    account.remarks = [remark for log in logs for remark in log.account.remarks]
    place = 0
    for log in logs:
        for reason, out in log.account.left_out.items():
            before = account.left_out.get(reason, LeftOut(0, out.first_row + place))
            account.left_out[reason] = LeftOut(before.rows + out.rows, before.first_row)
        place += len(log.table)
    return Log(table, account)
