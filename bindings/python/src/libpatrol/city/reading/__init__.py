"""Reads a department's own files: calls, roads, beats, stations and rosters."""
