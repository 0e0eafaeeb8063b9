"""Proofs over many more cases than the tests have time for."""
