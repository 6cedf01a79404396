"""Which columns are set aside, and what is declared of the others."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scipy import sparse

from ._categories import ColumnModes, column_modes
from ._detect import Finding, findings
from ._fake_columns import FakeColumns
from ._invent.column import InventedColumn
from ._parts import parts_for
from ._providers import provider_for
from ._schema import TableSchema, positions
from ._shapes import is_frame

#: Decimal places of new values of declared numbers.
PLACES = {"integer": 0, "money": 2}

#: Kinds of columns that must not be of text.
NUMERIC = ("number", "integer", "money", "date", "duration")

#: Free text that repeats: at most so many different texts for each cell.
MOST_DIFFERENT = 0.5


@dataclass(frozen=True)
class AsideColumn:
    """A column to be set aside, and how.

    Parameters
    ----------
    index : int
        Position in the table.
    name : object
        Column name.
    provider : str or None
        What is invented; None: what it looks like.
    locale : str
        Locale of invented values.
    by_locale : bool, default=False
        Whether phone numbers are the locale's.
    rule : Unique or None, default=None
        The rule that its values differ.
    """

    index: int
    name: object
    provider: str | None
    locale: str
    by_locale: bool = False
    rule: object = None

    def fit(self, X):
        """Learn formats and frequencies of the column."""
        parts = parts_for(X)
        cells, gap = parts.cells(X, self.index)
        if not cells:
            raise ValueError(
                f"Column {self.name!r} has missing cells only, of which nothing can be invented: "
                "drop it."
            )
        if self.rule is not None:
            self._check_unique(cells, gap)
        return InventedColumn(
            self.name,
            cells,
            int(gap.sum()),
            self.provider or provider_for(self.name, cells),
            self.locale,
            by_locale=self.by_locale,
            unique=self.rule is not None,
            dtype=parts.number_dtype(X, self.index),
        )

    def _check_unique(self, cells, gap):
        """Raise if a given value repeats."""
        seen, rows = set(), [i for i, missing in enumerate(gap) if not missing]
        repeats = [row for row, cell in zip(rows, cells) if cell in seen or seen.add(cell)]
        if repeats:
            raise ValueError(
                f"{self.rule!r} does not hold in the given table: row {repeats[0]} repeats a value "
                f"of column {self.name!r} ({len(repeats)} of {len(gap)} rows do). Drop such rows, "
                "or the rule."
            )


@dataclass
class Plan:
    """What is to be done with the columns of one table.

    Parameters
    ----------
    names : list
        Column names.
    is_frame : bool
        Whether the table is a frame.
    aside : dict
        Position -> AsideColumn.
    modes : dict
        Position -> how a declared column is read, see `column_modes`.
    rounded : dict
        Position -> decimal places of new values.
    """

    names: list
    is_frame: bool
    aside: dict = field(default_factory=dict)
    modes: dict = field(default_factory=dict)
    rounded: dict = field(default_factory=dict)

    def tell(self, codec):
        """Set the options of the codec of the other columns."""
        keep = [j for j in range(len(self.names)) if j not in self.aside]
        if not keep:
            raise ValueError(
                "All columns identify people or rows, or are declared to: give a table with at "
                "least one other column, which is learned."
            )
        codec.positions = None if self.is_frame else keep
        if not hasattr(codec, "categories"):  # rows that are repeated
            return
        given = codec.categories
        modes = column_modes(given, self.names, frame=self.is_frame)
        modes = [self.modes.get(j, mode) for j, mode in enumerate(modes)]
        codec.categories = ColumnModes([modes[j] for j in keep], given)
        codec.trusted |= {i for i, j in enumerate(keep) if j in self.modes}


def plan_for(X, codec):
    """What is to be done with the columns of a table.

    Parameters
    ----------
    X : table
        As checked.
    codec : SetAsideCodec
        Its options count.

    Returns
    -------
    plan : Plan or None
        None for a sparse table, of which no column can be set aside.

    Raises
    ------
    ValueError
        If a parameter names no column of the table, or a column is to be refused.
    """
    fake = _checked(codec.personal)
    schema = TableSchema(codec.schema or {})
    named = dict(fake.columns or {})
    if sparse.issparse(X):
        if schema or named or codec.unique:
            raise ValueError("Columns of a sparse table cannot be declared: give a dense one.")
        return None
    names = parts_for(X).names(X)
    plan = Plan(names, is_frame(X))
    rules = {rule.column: rule for rule in codec.unique}
    ruled = positions(names, rules, "Unique")
    declared = positions(names, schema, "schema")
    chosen = positions(names, named, "FakeColumns(columns=...)")
    refuses = isinstance(codec.personal, str) and codec.personal == "refuse"
    found = {} if refuses else findings(X, {*ruled.values(), *declared.values(), *chosen.values()})
    found |= {j: schema[name] for name, j in declared.items()}
    for j in ruled.values():
        provider = found[j].provider if j in found else None
        found[j] = Finding("identifier", provider=provider)
    found |= {j: Finding("personal", provider=str(named[name])) for name, j in chosen.items()}
    if refuses:
        _refuse_declared(names, found, ruled)
    for j, finding in found.items():
        if _is_invented(X, j, finding, names[j] in rules):
            provider = "text" if finding.kind == "text" else finding.provider
            by_locale = names[j] in named
            rule = rules.get(names[j])
            plan.aside[j] = AsideColumn(j, names[j], provider, fake.locale, by_locale, rule)
        elif j in declared.values() and finding.kind not in ("identifier", "personal"):
            _declare(plan, X, j, finding.kind, getattr(codec.inner, "learned", False))
    return plan


def declared_plan(X, schema, learned):
    """What a schema says of the columns of a table, none of which has invented values.

    Parameters
    ----------
    X : table
        The table, or some of its rows.
    schema : TableSchema or dict
        Kinds of some columns.
    learned : bool
        Whether a model learns the table.

    Returns
    -------
    Plan
        ``modes`` says how columns are read, ``tell`` sets the options of a codec.

    Raises
    ------
    ValueError
        If it names no column of the table, or calls text a number.
    """
    schema, names = TableSchema(schema), parts_for(X).names(X)
    plan = Plan(names, is_frame(X))
    for name, j in positions(names, schema, "schema").items():
        _declare(plan, X, j, schema[name].kind, learned)
    return plan


def left_out(X, schema):
    """Columns that a schema keeps from a model: personal ones, identifiers, most free text.

    Parameters
    ----------
    X : table
        The table.
    schema : TableSchema or dict
        Kinds of some columns.

    Returns
    -------
    list
        Their names.
    """
    schema, names = TableSchema(schema), parts_for(X).names(X)
    return [
        name
        for name, j in positions(names, schema, "schema").items()
        if schema[name].kind in ("identifier", "personal") or _is_free(X, j, schema[name])
    ]


def _checked(personal):
    """How values are invented, once its parameters are found to be of their types."""
    fake = personal if isinstance(personal, FakeColumns) else FakeColumns()
    if not isinstance(fake.locale, str):
        raise ValueError(f"FakeColumns takes one locale such as 'en_US', got {fake.locale!r}.")
    if fake.columns is not None and not isinstance(fake.columns, Mapping):
        raise ValueError(
            "FakeColumns takes columns={name: kind}, a dict such as {'Name': 'name'}, got "
            f"{type(fake.columns).__name__}."
        )
    return fake


def _refuse_declared(names, found, ruled):
    """Raise if a schema calls columns personal, and they are not to be invented."""
    refused = [
        names[j]
        for j, finding in found.items()
        if finding.kind in ("identifier", "personal") and j not in ruled.values()
    ]
    if refused:
        raise ValueError(
            f"The schema calls {', '.join(map(repr, refused))} personal or an identifier, and "
            "personal='refuse'. Drop such columns, or have them filled with invented values by "
            "personal='fake' or FakeColumns()."
        )


def _is_invented(X, j, finding, ruled):
    """Whether a column is set aside; one of missing cells only stays empty."""
    if finding.kind not in ("identifier", "personal"):
        return _is_free(X, j, finding)
    return ruled or not parts_for(X).cells(X, j)[1].all()


def _is_free(X, j, finding):
    """Whether a column is free text, most of which does not repeat."""
    if finding.kind != "text":
        return False
    cells = parts_for(X).cells(X, j)[0]
    return len(set(cells)) > MOST_DIFFERENT * len(cells)


def _declare(plan, X, j, kind, learned):
    """Note what is declared of a column that the model is to know."""
    name, is_text = plan.names[j], parts_for(X).is_text(X, j)
    if kind in NUMERIC and is_text:
        raise ValueError(
            f"schema calls column {name!r} a {kind}, and it holds text: convert it first, e.g. "
            "with pd.to_numeric or pd.to_datetime."
        )
    is_category = kind == "category" or (kind == "flag" and not learned)
    plan.modes[j] = "all" if is_category else "text"
    if kind in PLACES and not is_text:
        plan.rounded[j] = PLACES[kind]
