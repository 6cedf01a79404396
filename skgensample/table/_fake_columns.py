"""`FakeColumns`: how the values of personal columns are invented."""

from collections.abc import Mapping
from typing import Any

from sklearn.base import BaseEstimator


class FakeColumns(BaseEstimator):
    r"""Invented values in place of those that identify people or rows, in every new row.

    Given as ``personal=`` to a sampler; ``personal="fake"`` stands for ``FakeColumns()``. Columns
    that identify people or rows are found (see `table_schema`), kept from the model, and filled
    with values of the same kind, format and dtype, none of which is in the given table.

    Parameters
    ----------
    locale : str, default="en_US"
        Locale of names, addresses and texts, as Faker knows it.
    columns : dict, default=None
        Column (name in a frame, else position) -> what its values are, where that is not to be
        found out, or where the column would not be taken as personal. ``"identifier"``,
        ``"ssn"``, ``"iban"`` and ``"credit_card_number"`` keep the pattern of the column (the last
        two with valid check digits), as ``"phone_number"`` does for numbers. ``"name"``,
        ``"first_name"``, ``"last_name"``, ``"email"``, ``"user_name"``, ``"address"``,
        ``"street_address"``, ``"date_of_birth"``, ``"ipv4"`` and ``"text"`` are made in the style
        of the column. Any other method of Faker that takes no argument, such as ``"city"`` or
        ``"company"``.

    See Also
    --------
    table_schema : What the columns of a table are taken for.

    Notes
    -----
    A value that occurs once in the column occurs once in the new rows of a call; where values
    repeat, as customers do in a list of their orders, new ones repeat as often. Missing cells are
    as frequent as in the column. E-mail addresses are at domains reserved for examples (RFC 2606).
    Invented values have no relation to the other columns of their row, nor to each other.

    The fitted sampler keeps patterns, frequencies and short salted hashes of the given values,
    cut so that one in 64 other values has the hash of a given one.

    Examples
    --------
    >>> import pandas as pd
    >>> from skgensample import FakeColumns, GaussianCopulaResampler
    >>> table = pd.DataFrame({
    ...     "customer": [f"CUST-{i:06d}" for i in range(400)],
    ...     "age": [20 + i % 60 for i in range(400)],
    ... })
    >>> sampler = GaussianCopulaResampler(personal=FakeColumns(), random_state=0).fit(table)
    >>> new, _ = sampler.sample(3)
    >>> new["customer"].str.fullmatch(r"CUST-\d{6}").all()
    np.True_
    >>> new["customer"].isin(table["customer"]).any()
    np.False_
    """

    def __init__(
        self,
        locale: str = "en_US",
        columns: Mapping[Any, str] | None = None,
    ) -> None:
        self.locale = locale
        self.columns = columns
