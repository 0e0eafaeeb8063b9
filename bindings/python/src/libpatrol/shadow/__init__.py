"""Shadow mode: from a running system's events, what would have been decided beside what was done (extra ``shadow``)."""
