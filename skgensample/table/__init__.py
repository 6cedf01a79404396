"""Encoding of tables as float matrices and back; all knowledge of containers and dtypes is here.

`TableCodec` turns a table (array, sparse matrix, pandas or polars frame) into the matrix ``Z``
on which samplers work, and rows of ``Z`` back into rows of the table's own kind. `Target` does
the same for ``y``.
"""

from ._codec import TableCodec
from ._columns import Column, missing_cells
from ._conditions import Condition, places_of
from ._decimals import decimal_places, to_places
from ._dispatch import rows_at, stack
from ._encode_value import scalar
from ._fake_columns import FakeColumns
from ._labels import give_one_of, shown_label
from ._row_codec import RowCodec
from ._schema import TableSchema, table_schema
from ._set_aside import SetAsideCodec, set_aside
from ._shapes import check_dimensions, column_cells, column_names, is_frame, row_count, stored_bytes
from ._sparse import densified
from ._target import Target

__all__ = [
    "Column",
    "Condition",
    "FakeColumns",
    "RowCodec",
    "SetAsideCodec",
    "TableCodec",
    "TableSchema",
    "Target",
    "check_dimensions",
    "column_cells",
    "column_names",
    "decimal_places",
    "densified",
    "give_one_of",
    "is_frame",
    "missing_cells",
    "places_of",
    "row_count",
    "rows_at",
    "scalar",
    "set_aside",
    "shown_label",
    "stack",
    "stored_bytes",
    "table_schema",
    "to_places",
]
