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
    "ArrayTable": "table._containers",
    "AutoregressiveModel": "generators._sampling.autoregressive_model",
    "BinEncoder": "generators._encoding.bins",
    "BlockEncoder": "generators._encoding.encoder",
    "CategoryCodec": "table._categories",
    "ClassQuantileBlock": "generators._encoding.blocks",
    "Column": "table._columns",
    "ColumnForest": "generators._trees.forest",
    "ColumnSupport": "generators._trees.support",
    "ConditionTable": "generators._encoding.conditions",
    "ConditionalModel": "generators._sampling.tabular_model",
    "ConstantBlock": "generators._encoding.blocks",
    "CopulaModel": "generators._copula.model",
    "DiscreteBlock": "generators._encoding.blocks",
    "EmptyCodec": "table._columns",
    "FloatCodec": "table._columns",
    "FloatFrame": "table._pandas",
    "Head": "generators._networks.head",
    "IntegerCodec": "table._columns",
    "Layout": "generators._encoding.layout",
    "LeafValues": "generators._trees.leaves",
    "LevelBins": "generators._encoding.bins",
    "LevelQuantiles": "generators._encoding.quantiles",
    "LinearScore": "generators._trees.linear",
    "MarginalCalibrator": "generators._sampling.calibration",
    "MissingPatternBlock": "generators._encoding.blocks",
    "Mixture": "generators._encoding.mixture",
    "ModeSpecificBlock": "generators._encoding.blocks",
    "NumberQuantiles": "generators._encoding.quantiles",
    "ObjectTable": "table._containers",
    "PandasTable": "table._pandas",
    "PolarsTable": "table._polars",
    "QuantileBins": "generators._encoding.bins",
    "QuantileBlock": "generators._encoding.blocks",
    "QuantileMapper": "generators._sampling.calibration",
    "SequentialTrees": "generators._trees.model",
    "TableCodec": "table._codec",
    "TabularModel": "generators._sampling.tabular_model",
    "Target": "table._target",
    "TimeCodec": "table._datetimes",
    "UnitScale": "generators._encoding.mixture",
}

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
