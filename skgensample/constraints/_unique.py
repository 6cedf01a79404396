"""`Unique`: values that differ in every row."""

from dataclasses import dataclass
from typing import Any, ClassVar

from ._rules import Constraint


@dataclass(frozen=True, repr=False)
class Unique(Constraint):
    """Values of a column differ in all new rows, and from those of the given table.

    The column is kept from the model. Its new values are invented in the format and the dtype of
    the given ones; a running number goes on behind the largest. Columns under this rule are not
    refused as identifiers.

    Parameters
    ----------
    column : object
        Name of the column in a frame, else its position. Its given values must differ; missing
        cells may repeat.

    See Also
    --------
    skgensample.FakeColumns : Invented values for all columns that identify people or rows.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgensample import GaussianCopulaResampler
    >>> from skgensample.constraints import Unique
    >>> table = pd.DataFrame({"order": range(1, 501), "price": [i % 90 / 4 for i in range(500)]})
    >>> model = GaussianCopulaResampler(constraints=[Unique("order")], random_state=0).fit(table)
    >>> new, _ = model.sample(200)
    >>> new["order"].is_unique, new["order"].min() > 500
    (True, np.True_)
    """

    column_fields = ("column",)

    column: Any
    #: Whether the column is set aside before a model sees the table.
    sets_aside: ClassVar[bool] = True
