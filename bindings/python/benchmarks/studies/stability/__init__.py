"""How calm proposals stay while dispatchers look at them."""
