"""Sphinx settings."""

import inspect
import os

# One thread for the gallery: the OpenMP runtimes of torch and scikit-learn, in one process, spend
# most of their time waiting for each other where cores are few.
os.environ.setdefault("OMP_NUM_THREADS", "1")

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
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build", "examples/*.rst", "**sg_execution_times.rst"]

autosummary_generate = True
autodoc_typehints = "none"  # docstrings say more than the types do
autodoc_default_options = {"members": True, "inherited-members": True}
# Long signatures break, one parameter a line: they fit a phone and are easier to read.
maximum_signature_line_length = 60
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"/plot_",
    "abort_on_example_error": True,
    "download_all_examples": False,
    # Frames are shown as tables; what a plotting function returns is not shown.
    "capture_repr": ("_repr_html_",),
    "show_signature": False,
    "doc_module": ("skgensample",),
    "backreferences_dir": "references/generated/examples",
    "reference_url": {"skgensample": None},
}

html_theme = "pydata_sphinx_theme"
html_title = "skgensample"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_theme_options = {
    "header_links_before_dropdown": 6,
    "navigation_with_keys": False,
    "show_prev_next": False,
    "show_toc_level": 2,
}
html_sidebars = {
    page: []
    for page in (
        "index",
        "install",
        "benchmarks",
        "glossary",
        "related",
        "architecture",
        "user_guide/getting_started",
    )
}
html_show_sourcelink = False


def skip_foreign(app, what, name, member, skip, options):
    """Leave out members inherited from other packages: they are documented there."""
    function = inspect.unwrap(member.fget if isinstance(member, property) else member)
    module = getattr(function, "__module__", None) or ""
    return True if not module.startswith("skgensample") else None


def setup(app):
    """Connect the hooks."""
    app.connect("autodoc-skip-member", skip_foreign)
