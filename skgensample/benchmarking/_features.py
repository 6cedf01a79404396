"""Features of a user's table: dates as days, and columns that are none."""

from .. import table_schema

#: Formats of dates, the first in which all cells of a column can be read.
DATES = (
    "%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%d.%m.%Y",
    "%d.%m.%Y %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y",
)  # fmt: skip


def check_features(X, schema=None):
    """Raise if features identify people or rows, which a classifier would learn by heart.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n, d)
        Features.
    schema : dict or None, default=None
        Kinds of columns that are not to be detected.

    Raises
    ------
    ValueError
        With the columns, and why they were taken for such.
    """
    found = table_schema(X).replace(dict(schema or {}))
    reasons = {
        name: kind.why for name, kind in found.items() if kind.kind in ("personal", "identifier")
    }
    if reasons:
        named = ", ".join(f"{name} ({why})" for name, why in reasons.items())
        raise ValueError(
            f"Columns that identify people or rows are no features: {named}. Leave them out with "
            f"--drop {','.join(map(str, reasons))}, or say what they are with --kind COL=number or "
            "--kind COL=category."
        )


def days_for_dates(X):
    """Columns of dates as numbers of days since 1970.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n, d)
        Features, dates as text.

    Returns
    -------
    X : pandas.DataFrame of shape (n, d)
        A copy where there are dates.
    names : list
        Columns that were changed.
    """
    import pandas as pd

    days = {}
    for name in X.columns:
        if pd.api.types.is_numeric_dtype(X[name]) or not X[name].notna().any():
            continue
        found = _dates(X[name])
        if found is not None:
            days[name] = (found - pd.Timestamp("1970-01-01")) / pd.Timedelta("1D")
    return (X.assign(**days) if days else X), list(days)


def _dates(column):
    """A column of text as dates; None if a cell is none."""
    import pandas as pd

    there = column.notna()
    levels = pd.Series(column[there].astype(str).unique())
    for pattern in DATES:
        dates = pd.to_datetime(levels, format=pattern, errors="coerce")
        if dates.notna().all():
            return (
                column.where(there)
                .astype(object)
                .map(dict(zip(levels, dates)))
                .astype("datetime64[ns]")
            )
    return None


def plain_types(X):
    """Numbers as they are, everything else as text; missing cells stay missing.

    Parameters
    ----------
    X : pandas.DataFrame of shape (n, d)
        Features, changed in place.

    Returns
    -------
    X : pandas.DataFrame of shape (n, d)
    """
    import pandas as pd

    for name in X.columns:
        if not pd.api.types.is_numeric_dtype(X[name]):
            X[name] = X[name].astype(object).where(X[name].isna(), X[name].astype(str))
    return X
