"""Encoding of tables as float matrices and back; all knowledge of containers and dtypes is here.

`TableCodec` turns a table (array, sparse matrix, pandas or polars frame) into the matrix ``Z``
on which samplers work, and rows of ``Z`` back into rows of the table's own kind. `Target` does
the same for ``y``.
"""

from ._codec import TableCodec
from ._columns import Column, missing_cells
from ._conditions import Condition, places_of
from ._containers import check_dimensions, is_frame, row_count
from ._dispatch import rows_at, stack
from ._encode_value import scalar
from ._row_codec import RowCodec
from ._sparse import densified
from ._target import Target

__all__ = [
    "Column",
    "Condition",
    "RowCodec",
    "TableCodec",
    "Target",
    "check_dimensions",
    "densified",
    "is_frame",
    "missing_cells",
    "places_of",
    "row_count",
    "rows_at",
    "scalar",
    "stack",
]
