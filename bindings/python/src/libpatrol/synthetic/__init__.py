"""Cities, demand and snapshots that are made from a seed, and real road graphs."""
