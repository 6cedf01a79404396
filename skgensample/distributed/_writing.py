"""What writers of files of all formats share."""


class Writer:
    """Writes given rows, then new ones; a subclass has `write(table)` and `close()`.

    Parameters
    ----------
    path : Path
        A name that does not exist yet.
    reader : object
        What the given rows come from.
    schema : Schema
        Columns and types.
    """

    def __init__(self, path, reader, schema):
        self.path, self.reader, self.schema = path, reader, schema

    def copy(self, n_rows):
        """Write all given rows, groups of them as they are."""
        for table in self.reader.groups(n_rows):
            self.write(table)
