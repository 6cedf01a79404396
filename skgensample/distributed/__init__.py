"""Tables that do not fit in memory: dask collections, and Arrow datasets on disk.

A sampler reads few rows of a large table: those of the classes that it samples, and, where it
looks for their neighbours among all rows, those neighbours. Both are found partition by partition,
and the sampler itself then runs on them in memory, so that its rows are the same.
"""

from ._dask import DaskResampler
from ._dataset import DatasetResult, resample_dataset

__all__ = ["DaskResampler", "DatasetResult", "resample_dataset"]
