"""Record batches as pandas frames for samplers, and new rows as Arrow tables."""

import json

import numpy as np


class ArrowRows:
    """How the rows of an Arrow schema become a frame, and rows of the frame become Arrow again.

    Columns that hold the index of a pandas frame are no features; new rows get further numbers
    there, or missing cells.

    Parameters
    ----------
    schema : Schema
        Columns and types of the table.
    target : str
        Name of the column of labels.
    """

    def __init__(self, schema, target):
        if target not in schema.names:
            raise ValueError(f"The table has no column {target!r}: its columns are {schema.names}.")
        repeated = sorted({name for name in schema.names if schema.names.count(name) > 1})
        if repeated:
            raise ValueError(f"Column names are not unique: rename the repeated ones, {repeated}.")
        _refuse_types(schema)
        self.schema, self.target = schema, target
        self.index = [name for name in _index_columns(schema) if isinstance(name, str)]
        self.features = [name for name in schema.names if name not in {target, *self.index}]
        if not self.features:
            raise ValueError(f"The table has no column but {target!r}.")
        self.tops = {}

    def frame(self, batch):
        """A pandas frame of features and labels; remembers the largest index label."""
        import pandas as pd

        for name in self.index:
            top = _largest(batch.column(name))
            self.tops[name] = max(top, self.tops.get(name, top)) if top is not None else None
        names = [*self.features, self.target]
        columns = dict(enumerate(map(_feature, map(batch.column, self.features))))
        columns[len(columns)] = _series(batch.column(self.target))
        frame = pd.DataFrame(columns, copy=False)
        frame.columns = names
        return frame

    def table(self, rows, label, n_before):
        """An Arrow table of new rows.

        Parameters
        ----------
        rows : frame
            Features.
        label : label
            Class of all of them.
        n_before : int
            New rows before these.

        Returns
        -------
        Table
        """
        import pyarrow as pa

        columns = []
        for field in self.schema:
            if field.name == self.target:
                value = label.item() if isinstance(label, np.generic) else label
                cells = pa.repeat(pa.scalar(value), len(rows))
            elif field.name in self.index:
                cells = self._index_cells(field, n_before, len(rows))
            else:
                cells = pa.array(rows[field.name], from_pandas=True)
            columns.append(_cast(cells, field.type))
        return pa.table(columns, schema=self.schema)

    def _index_cells(self, field, n_before, n):
        """Index labels of new rows."""
        import pyarrow as pa

        top = self.tops.get(field.name)
        if top is not None:
            return pa.array(np.arange(top + 1 + n_before, top + 1 + n_before + n))
        if not field.nullable:
            raise ValueError(f"New rows have no value for the index column {field.name!r}.")
        return pa.nulls(n, field.type)

    def extended(self, n_rows):
        """The schema, with the number of rows that pandas stores for a plain index set right."""
        metadata = dict(self.schema.metadata or {})
        if b"pandas" not in metadata:
            return self.schema
        notes = json.loads(metadata[b"pandas"])
        for index in notes.get("index_columns", ()):
            if isinstance(index, dict) and index.get("kind") == "range":
                index["stop"] = index["start"] + n_rows * index["step"]
        metadata[b"pandas"] = json.dumps(notes).encode()
        return self.schema.with_metadata(metadata)


def _refuse_types(schema):
    """Raise if cells of a column are neither numbers, text, categories nor times."""
    import pyarrow as pa

    refused = pa.types.is_nested, pa.types.is_binary, pa.types.is_large_binary
    for field in schema:
        if any(is_of(field.type) for is_of in refused) or pa.types.is_fixed_size_binary(field.type):
            raise TypeError(
                f"Column {field.name!r} has type {field.type}, which is not supported: convert it "
                "to numbers or text, or drop the column."
            )


def row_bytes(schema):
    """Bytes of one row in memory, roughly: of text and nested columns the size is not known."""
    return sum(max(1, _bits(field.type) // 8) for field in schema)


def _bits(kind):
    try:
        return kind.bit_width
    except ValueError:
        return 8 * 80


def _index_columns(schema):
    """What pandas' metadata says of the index: names, or descriptions of plain ranges."""
    notes = (schema.metadata or {}).get(b"pandas")
    return json.loads(notes).get("index_columns", []) if notes else []


def _largest(cells):
    """Largest integer of a column; None for another type or without any."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.max(cells).as_py() if pa.types.is_integer(cells.type) else None


def _feature(cells):
    """A column of the table as a pandas series: decimals and times of day stay those of Arrow."""
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_decimal(cells.type) or pa.types.is_time(cells.type):
        return cells.to_pandas(types_mapper=pd.ArrowDtype)
    return _series(cells)


def _series(cells):
    """A column as a pandas series: integers with missing cells stay integers."""
    import pandas as pd
    import pyarrow as pa

    if pa.types.is_dictionary(cells.type):
        cells = cells.cast(cells.type.value_type)
    if cells.null_count and (pa.types.is_integer(cells.type) or pa.types.is_boolean(cells.type)):
        name = "boolean" if pa.types.is_boolean(cells.type) else _nullable(cells.type)
        return cells.to_pandas(types_mapper={cells.type: pd.api.types.pandas_dtype(name)}.get)
    return cells.to_pandas(date_as_object=False)


def _nullable(kind):
    """Name of pandas' integer type with missing cells, such as Int64."""
    return str(kind).replace("uint", "UInt").replace("int", "Int").replace("UInt", "UInt")


def _cast(cells, kind):
    """An array in a column's own type."""
    import pyarrow as pa

    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    if not pa.types.is_dictionary(kind):
        return cells.cast(kind, safe=False)
    coded = cells.cast(kind.value_type).dictionary_encode()
    return pa.DictionaryArray.from_arrays(
        coded.indices.cast(kind.index_type), coded.dictionary, ordered=kind.ordered
    )
