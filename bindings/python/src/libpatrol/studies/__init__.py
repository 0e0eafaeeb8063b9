"""Policies measured in simulations: replications, intervals, paired comparisons, the best heuristics of a scenario."""
