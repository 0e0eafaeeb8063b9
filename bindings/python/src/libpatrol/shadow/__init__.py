"""Shadow mode: what would have been decided beside what was done, from the events of a running system (extra ``shadow``)."""
