"""Sphinx settings."""

import inspect

import skgensample

project = "skgensample"
author = "skgensample developers"
copyright = "2026, skgensample developers"
version = release = skgensample.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "examples/*.rst"]

autosummary_generate = True
autodoc_typehints = "none"  # docstrings say more than the types do
autodoc_default_options = {"members": True, "inherited-members": True}
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "doc_module": ("skgensample",),
    "backreferences_dir": "references/generated/examples",
    "reference_url": {"skgensample": None},
}

html_theme = "pydata_sphinx_theme"
html_title = "skgensample"
html_theme_options = {"show_prev_next": False, "navigation_with_keys": False}
html_show_sourcelink = False


def skip_foreign(app, what, name, member, skip, options):
    """Leave out members inherited from other packages: they are documented there."""
    function = inspect.unwrap(member.fget if isinstance(member, property) else member)
    module = getattr(function, "__module__", None) or ""
    return True if not module.startswith("skgensample") else None


def setup(app):
    """Connect the hooks."""
    app.connect("autodoc-skip-member", skip_foreign)
