"""The report: findings, pictures, and a simulated shift to watch."""
