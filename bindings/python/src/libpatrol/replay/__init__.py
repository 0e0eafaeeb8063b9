"""Logs of real calls: readers, the beat graph they play on, scenarios that replay them. Needs pandas."""
