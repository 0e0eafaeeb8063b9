"""Logs of real calls: readers, the beat graph they use, scenarios that replay them (extra `logs`)."""

from libpatrol.extras import extra

with extra("logs", "libpatrol.replay"):
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
