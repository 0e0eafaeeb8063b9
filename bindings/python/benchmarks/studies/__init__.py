"""Which policies are better, where, and by how much."""
