"""The simulator, what it measures, and the trainer."""
