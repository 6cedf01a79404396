"""Displays of tables and results; matplotlib is imported when one is drawn.

Displays follow scikit-learn: ``Display.from_...`` computes and draws, `plot` draws again, and the
axes and the figure are kept as `ax_` and `figure_`.
"""

from ._benchmark import plot_benchmark
from ._class_counts import ClassCountsDisplay
from ._marginals import MarginalsDisplay
from ._projection import ProjectionDisplay

__all__ = ["ClassCountsDisplay", "MarginalsDisplay", "ProjectionDisplay", "plot_benchmark"]
