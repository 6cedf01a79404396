"""The classes that a model file may name, and where each of them is.

Nothing else is ever imported or made because of what a file says. A class that moves keeps its name
here; an attribute that a later version adds gets a value for older files in `ADDED`.
"""

from importlib import import_module

from ..exceptions import ModelFileError

#: Generators, by name.
SAMPLERS = {
    "AutoregressiveResampler": "generators._autoregressive",
    "CTGANResampler": "generators._ctgan",
    "CopulaGANResampler": "generators._copula_gan",
    "GANOversampler": "generators._gan",
    "GaussianCopulaResampler": "generators._gaussian_copula",
    "SequentialTreesResampler": "generators._sequential_trees",
    "TVAEResampler": "generators._tvae",
    "WGANOversampler": "generators._wgan",
}

#: What fitted models are made of, by name.
PARTS = {
    "Accounts": "table._invent.pools",
    "Addresses4": "table._invent.numbers",
    "AnyNumbers": "table._invent.numbers",
    "ArrayParts": "table._parts",
    "ArrayTable": "table._containers",
    "ArrowParts": "table._arrow_parts",
    "ArrowTable": "table._arrow",
    "AutoregressiveModel": "generators._sampling.autoregressive_model",
    "BinEncoder": "generators._encoding.bins",
    "BlockEncoder": "generators._encoding.encoder",
    "BoundCombinations": "constraints._bound",
    "BoundComparison": "constraints._bound",
    "BoundOneHot": "constraints._bound",
    "BoundSum": "constraints._bound",
    "CalendarCodec": "table._patterns",
    "CategoryCodec": "table._categories",
    "ClassQuantileBlock": "generators._encoding.blocks",
    "Column": "table._columns",
    "ColumnForest": "generators._trees.forest",
    "ColumnSupport": "generators._trees.support",
    "Combinations": "constraints._joint",
    "ConditionTable": "generators._encoding.conditions",
    "ConditionalModel": "generators._sampling.tabular_model",
    "ConstantBlock": "generators._encoding.blocks",
    "ConstrainedCodec": "constraints._codec",
    "CopulaModel": "generators._copula.model",
    "Dates": "table._invent.numbers",
    "DecimalCodec": "table._arrow_columns",
    "Derivation": "constraints._bound",
    "DerivedColumn": "constraints._plan",
    "Difference": "constraints._plan",
    "DiscreteBlock": "generators._encoding.blocks",
    "EmptyCodec": "table._columns",
    "FakeColumns": "table._fake_columns",
    "Finding": "table._detect",
    "FixedCombinations": "constraints._rules",
    "FloatCodec": "table._columns",
    "FloatFrame": "table._pandas",
    "GivenValues": "table._invent.given",
    "Head": "generators._networks.head",
    "Inequality": "constraints._rules",
    "IntegerCodec": "table._columns",
    "InventedColumn": "table._invent.column",
    "Layout": "generators._encoding.layout",
    "LeafValues": "generators._trees.leaves",
    "LevelBins": "generators._encoding.bins",
    "LevelQuantiles": "generators._encoding.quantiles",
    "Line": "constraints._numbers",
    "LinearScore": "generators._trees.linear",
    "LinearSum": "constraints._rules",
    "MarginalCalibrator": "generators._sampling.calibration",
    "MissingPatternBlock": "generators._encoding.blocks",
    "Mixture": "generators._encoding.mixture",
    "ModeSpecificBlock": "generators._encoding.blocks",
    "MultipleCodec": "table._patterns",
    "Names": "table._invent.pools",
    "NumberQuantiles": "generators._encoding.quantiles",
    "Numbers": "constraints._numbers",
    "ObjectTable": "table._containers",
    "OneHot": "constraints._rules",
    "PandasParts": "table._parts",
    "PandasTable": "table._pandas",
    "Pattern": "table._invent.patterns",
    "Patterns": "table._invent.patterns",
    "Plan": "constraints._plan",
    "PolarsParts": "table._parts",
    "PolarsTable": "table._polars",
    "Pools": "table._invent.pools",
    "QuantileBins": "generators._encoding.bins",
    "QuantileBlock": "generators._encoding.blocks",
    "QuantileMapper": "generators._sampling.calibration",
    "Range": "constraints._rules",
    "Running": "table._invent.numbers",
    "Sentences": "table._invent.pools",
    "SequentialTrees": "generators._trees.model",
    "SetAsideCodec": "table._set_aside",
    "SparseTable": "table._sparse",
    "TableCodec": "table._codec",
    "TableSchema": "table._schema",
    "TabularModel": "generators._sampling.tabular_model",
    "Target": "table._target",
    "TimeCodec": "table._datetimes",
    "Unique": "constraints._unique",
    "UnitScale": "generators._encoding.mixture",
    "WrittenDates": "table._invent.numbers",
}

#: Lists of this package, by name.
LISTS = {"ColumnList": "constraints._rules", "ColumnModes": "table._categories"}

#: Networks of this package, by name.
NETWORKS = {
    "ConditionedLinear": "generators._networks.layers",
    "DecoderNetwork": "generators._networks.vae",
    "Generator": "generators._networks.generator",
    "MaskedNetwork": "generators._networks.masked",
}

#: Modules of torch that these networks are made of.
TORCH_MODULES = ("BatchNorm1d", "ModuleList", "ParameterList")

#: Attributes that are not saved, and what they are after loading: training does not go on from
#: a file.
LEFT_OUT = {"AutoregressiveModel": {"checkpoint": None}, "ConditionalModel": {"checkpoint": None}}

#: Attributes that files of older versions lack, by class, and their values there.
ADDED: dict[str, dict[str, object]] = {}


def class_named(name, homes):
    """The class of a name, which one of the tables above has.

    Parameters
    ----------
    name : str
        As in the file.
    homes : dict of str to str
        Module of each class that is allowed here.

    Returns
    -------
    type

    Raises
    ------
    ModelFileError
        If the name is not in the table.
    """
    if not isinstance(name, str) or name not in homes:
        raise ModelFileError(
            f"The model file needs {str(name)[:60]!r}, which this version of skgensample does not "
            "load."
        )
    return getattr(import_module(f"skgensample.{homes[name]}"), name)


def is_registered(value, homes):
    """Whether a value is an instance of exactly one of the classes of a table."""
    kind = type(value)
    return homes.get(kind.__name__) == kind.__module__.removeprefix("skgensample.")
