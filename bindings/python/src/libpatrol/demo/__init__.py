"""What `libpatrol demo` shows: decision rounds in a generated city, or one on a real road graph."""
