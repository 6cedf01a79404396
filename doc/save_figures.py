"""Save the pictures that the README and the guide show as small files.

python doc/save_figures.py
"""

import doctest
import runpy
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image

DOC = Path(__file__).parent


def save(figure, name):
    """Save a figure in 64 colours."""
    path = DOC / "_static" / name
    figure.savefig(path, dpi=100)
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)


def run_page(path):
    """Run the snippets of a page of the guide and return its names."""
    names = {}
    for example in doctest.DocTestParser().get_examples(path.read_text("utf-8")):
        exec(example.source, names)
    return names


def main():
    """Run an example and a page, and save what they draw."""
    runpy.run_path(str(DOC / "examples" / "plot_samplers_2d.py"))
    save(plt.gcf(), "samplers_2d.png")
    page = run_page(DOC / "user_guide" / "getting_started.rst")
    save(page["display"].figure_, "getting_started.png")


if __name__ == "__main__":
    main()
