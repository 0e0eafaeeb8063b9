"""The shared library: its structs and functions, its handles, and arrays that it can read."""
