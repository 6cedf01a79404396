"""Encoding of tables as float matrices and back; all knowledge of containers and dtypes is here.

`TableCodec` turns a table (array, sparse matrix, pandas or polars frame) into the matrix ``Z``
on which samplers work, and rows of ``Z`` back into rows of the table's own kind. `Target` does
the same for ``y``.
"""

from ._codec import TableCodec
from ._columns import Column, missing_cells
from ._containers import check_dimensions, is_frame
from ._dispatch import stack
from ._encode_value import scalar
from ._row_codec import RowCodec
from ._sparse import densified
from ._target import Target

__all__ = [
    "Column",
    "RowCodec",
    "TableCodec",
    "Target",
    "check_dimensions",
    "densified",
    "is_frame",
    "missing_cells",
    "scalar",
    "stack",
]
