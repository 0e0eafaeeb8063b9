"""The command `libpatrol`."""
