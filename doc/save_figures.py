"""Save the picture of an example as a small file: the one that the README shows.

python doc/save_figures.py
"""

import runpy
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
from PIL import Image

DOC = Path(__file__).parent


def main():
    """Run the example and save what it draws, in 64 colours."""
    runpy.run_path(str(DOC / "examples" / "plot_samplers_2d.py"))
    path = DOC / "_static" / "samplers_2d.png"
    plt.gcf().savefig(path, dpi=100)
    Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)


if __name__ == "__main__":
    main()
