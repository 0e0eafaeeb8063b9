"""Reads a department's own files: calls, roads, beats, stations and rosters (extra ``city``)."""

from libpatrol.extras import extra

with extra("city", "libpatrol import"):
    import geopandas  # noqa: F401
    import pandas  # noqa: F401
    import pyarrow  # noqa: F401
