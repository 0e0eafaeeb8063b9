"""Sphinx configuration of the guide. `bindings/python/run docs` builds it, with warnings as errors."""

import sys
from pathlib import Path

import libpatrol

sys.path.insert(0, str(Path(__file__).parent / "extensions"))

project = "libpatrol"
author = "the libpatrol authors"
version = release = libpatrol.__version__
extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "cards",
    "header",
    "pages",
]
exclude_patterns = ["extensions"]
html_theme = "furo"
html_title = f"libpatrol {release}"
html_show_copyright = False

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"
numpydoc_show_class_members = False
numpydoc_use_plots = False
