"""Everything that the library is held against, written a second time: `README.md` says what each module proves."""
