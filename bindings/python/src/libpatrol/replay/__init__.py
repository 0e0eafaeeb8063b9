"""Logs of real calls: readers, the beat graph they play on, and what policies would have done with them. Needs pandas."""
