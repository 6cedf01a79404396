"""`skgensample synthesize`, `resample` and `sample`: synthetic rows from tables in files."""

import argparse
import json
from pathlib import Path

from .._suggestions import did_you_mean
from ._csv import CsvFormat
from ._expressions import conditions_of, constraint_of_text, no_column
from ._files import TableFile, read_table, with_index, write_rows, write_table
from ._options import add_drop, add_kind, natural, positive
from ._reporting import held_back, report_on
from ._status import Progress

__all__ = ["add_resample", "add_sample", "add_synthesize"]

_SYNTHESIZE = """\
examples:
  skgensample synthesize loans.csv --target default --output synthetic.csv
      as many synthetic rows as the table has, classes in the same proportions
  skgensample synthesize clients.csv --target y --rows 1000 --personal fake --output new.csv \\
      --where "Job type=management" --where "age>=30" --constraint "start <= end"
      rows of managers of 30 and more with invented names, in which start is never after end
  skgensample synthesize loans.csv --target default --save model.skg --report report.html \\
      --output synthetic.csv
      the model is kept (see `skgensample sample`), and the rows are compared with given ones that
      it was not trained on: one row in five, or those of --holdout FILE
"""
_RESAMPLE = """\
examples:
  skgensample resample loans.csv --target default --output balanced.csv
      SMOTE until both classes have equally many rows
  skgensample resample loans.csv --target default --sampler SequentialTreesResampler \\
      --ratio .1 --output balanced.csv
      rows of a generator, one minority row for ten others
  skgensample resample stream.parquet --target fraud --ratio .1 --memory 1GB --output new.parquet
      a file larger than memory
"""
_SAMPLE = """\
examples:
  skgensample sample model.skg --rows 500 --class yes --output more.csv
      500 rows of one class from a model that `skgensample synthesize --save` kept
"""


def _add_parser(commands, name, help_text, epilog):
    """Parser of one command."""
    return commands.add_parser(
        name,
        help=help_text,
        description=f"{help_text[0].upper()}{help_text[1:]}.",
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def _add_table(parser):
    parser.add_argument("table", metavar="TABLE", help="CSV, Parquet or Feather file")
    parser.add_argument(
        "--no-header",
        action="store_true",
        help="the first line of a CSV file is data; columns are called 0, 1, 2, ...",
    )
    add_drop(parser)
    add_kind(parser)


def _add_output(parser, more=""):
    parser.add_argument(
        "--output",
        metavar="FILE",
        required=True,
        help="file to write; its suffix says whether CSV (default), .parquet or .feather",
    )
    parser.add_argument(
        "--seed",
        metavar="N",
        type=natural,
        default=0,
        help=f"seed of all random draws (default 0){more}",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on standard error")


def _add_model(parser, flag, default, what):
    parser.add_argument(flag, metavar="NAME", default=default, help=what)
    parser.add_argument(
        "--set",
        metavar="PARAMETER=VALUE",
        action="append",
        default=[],
        help="a parameter of it, such as max_steps=500; may be repeated",
    )
    parser.add_argument(
        "--personal",
        choices=("refuse", "fake"),
        default="refuse",
        help="columns that identify people: refuse the table (default), or put invented values "
        "into new rows",
    )
    parser.add_argument(
        "--locale",
        metavar="LOCALE",
        help="language and country of invented values, such as de_DE or en_IN (default en_US)",
    )
    parser.add_argument(
        "--constraint",
        metavar="RULE",
        action="append",
        default=[],
        help="rule that all new rows satisfy: 'start <= end', '18 <= age <= 100', "
        "'total = a + b - c', 'unique(id)', 'together(city, country)' or 'onehot(a, b, c)'; may be "
        "repeated",
    )


def add_synthesize(commands):
    """Add the command to a parser."""
    parser = _add_parser(
        commands, "synthesize", "make a synthetic table like a given one", _SYNTHESIZE
    )
    _add_table(parser)
    parser.add_argument("--target", metavar="COL", help="column of classes, kept in proportion")
    parser.add_argument(
        "--rows", metavar="N", type=positive, help="number of rows (default: as many as given)"
    )
    _add_model(
        parser,
        "--model",
        "auto",
        "class name of a generator, such as AutoregressiveResampler (default: "
        "GaussianCopulaResampler for small tables, else SequentialTreesResampler)",
    )
    parser.add_argument(
        "--where",
        metavar="CONDITION",
        action="append",
        default=[],
        help="condition that all rows satisfy: 'COL=VALUE', 'COL=A|B', 'COL=LOW..HIGH', "
        "'COL>=LOW' or 'COL<=HIGH'; may be repeated",
    )
    parser.add_argument("--save", metavar="FILE", help="keep the fitted model in this file")
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="write a report on the rows' quality, as HTML or JSON. Without --holdout one row in "
        "five (of each class) is held back for it, and the model is trained on the others, if "
        "the table has 100 rows or more",
    )
    parser.add_argument(
        "--holdout",
        metavar="FILE",
        help="for --report: real rows that are not trained on; then all rows of TABLE are",
    )
    _add_output(parser)
    parser.set_defaults(run=_synthesize)


def add_resample(commands):
    """Add the command to a parser."""
    parser = _add_parser(
        commands, "resample", "add synthetic rows of the minority classes to a table", _RESAMPLE
    )
    _add_table(parser)
    parser.add_argument("--target", metavar="COL", required=True, help="column of classes")
    _add_model(
        parser,
        "--sampler",
        "NumbaSMOTE",
        "class name of a sampler (default NumbaSMOTE; see `skgensample benchmark --list`)",
    )
    parser.add_argument(
        "--ratio",
        metavar="R",
        type=float,
        help="minority rows for each majority row, for two classes (default: all classes get as "
        "many rows as the largest)",
    )
    parser.add_argument(
        "--memory",
        metavar="SIZE",
        help="for files larger than memory: read in pieces, and take no more than this, such as "
        "1GB (the rows are the same)",
    )
    parser.add_argument(
        "--max-rows",
        metavar="N",
        type=positive,
        help="with --memory, for generators: train on a stratified sample of so many rows",
    )
    _add_output(parser)
    parser.set_defaults(run=_resample)


def add_sample(commands):
    """Add the command to a parser."""
    parser = _add_parser(commands, "sample", "sample rows from a kept model", _SAMPLE)
    parser.add_argument("model", metavar="MODEL", help="file that --save or `save` wrote")
    parser.add_argument("--rows", metavar="N", type=positive, required=True, help="number of rows")
    parser.add_argument(
        "--class", metavar="LABEL", dest="label", help="class of all rows (default: all classes)"
    )
    parser.add_argument(
        "--where",
        metavar="CONDITION",
        action="append",
        default=[],
        help="condition that all rows satisfy, as of `skgensample synthesize`; may be repeated",
    )
    _add_output(
        parser, more="; the same seed gives the same rows each time, another one gives other rows"
    )
    parser.set_defaults(run=_sample)


def _synthesize(options, arguments):
    from .. import synthesize

    progress = Progress(options.quiet)
    table = read_table(options.table, header=not options.no_header, drop=options.drop)
    frame = table.frame
    progress(f"read {len(frame)} rows of {frame.shape[1]} columns")
    conditions = conditions_of(options.where, frame)
    if options.target is not None and options.target not in frame.columns:
        raise ValueError(no_column(options.target, frame))
    training, holdout = held_back(frame, options)
    made, model = synthesize(
        training,
        options.target,
        n=options.rows or len(frame),
        model=_model(options, frame),
        conditions=conditions or None,
        random_state=options.seed,
        return_model=True,
        **_rules(options, frame),
    )
    progress(f"generated {len(made)} rows by {type(model).__name__}")
    write_table(made, options.output, table)
    progress(f"wrote {options.output}")
    if options.save:
        model.save(options.save)
        progress(f"kept the model in {options.save}")
    if options.report:
        report_on(made, training, holdout, conditions, type(model).__name__, options)
        progress(f"wrote {options.report}")
    return 0


def _rules(options, frame):
    """Arguments of samplers about personal columns and constraints."""
    personal = options.personal
    if options.locale:
        if personal == "refuse":
            raise ValueError("--locale needs --personal fake.")
        from .. import FakeColumns

        personal = FakeColumns(locale=options.locale)
    constraints = [constraint_of_text(text, frame) for text in options.constraint]
    return {
        "personal": personal,
        "constraints": constraints or None,
        "schema": dict(options.kind) or None,
    }


def _parameters(texts):
    """Parameters of a sampler: JSON where a value is some, else text."""
    found = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign:
            raise ValueError(f"--set {text} cannot be read: give PARAMETER=VALUE.")
        try:
            found[name.strip()] = json.loads(value)
        except ValueError:
            found[name.strip()] = {"True": True, "False": False, "None": None}.get(value, value)
    return found


def _model(options, frame):
    """A generator by its name, with the parameters that are set; "auto" where there are none."""
    parameters = _parameters(options.set)
    if options.model == "auto":
        if parameters:
            raise ValueError("--set needs --model: give the generator that has the parameter.")
        return "auto"
    if not parameters:
        return options.model
    sampler = _sampler(options.model, "sample", sampling_strategy="all")
    return sampler.set_params(**parameters)


def _sampler(name, method, **parameters):
    """A sampler by its class name, of those that have a method."""
    import skgensample

    listed = skgensample.__all__
    sampler = getattr(skgensample, name) if name in listed else None  # the others may import torch
    if not hasattr(sampler, method):
        names = sorted(one for one in listed if hasattr(getattr(skgensample, one), method))
        end = did_you_mean(name, names, f": give one of {', '.join(names)}.")
        raise ValueError(f"No sampler is called {name}{end}")
    return sampler(**parameters)


def _resample(options, arguments):
    if options.memory:
        return _resample_in_pieces(options)
    if options.max_rows:
        raise ValueError("--max-rows goes with --memory only.")
    progress = Progress(options.quiet)
    table = read_table(options.table, header=not options.no_header, drop=options.drop)
    frame, target = table.frame, options.target
    if target not in frame.columns:
        raise ValueError(no_column(target, frame))
    progress(f"read {len(frame)} rows of {frame.shape[1]} columns")
    sampler = _named_sampler(options, **_rules(options, frame))
    index = [name for name in table.index if name != target]
    X, y = sampler.fit_resample(frame.drop(columns=[target, *index]), frame[target])
    X[target] = y
    X = with_index(X, frame, index)
    progress(f"added {len(X) - len(frame)} rows by {options.sampler}")
    write_rows(X, len(frame), options.output, table)
    progress(f"wrote {options.output}")
    return 0


def _named_sampler(options, **rules):
    """The sampler of `skgensample resample`."""
    sampler = _sampler(
        options.sampler,
        "fit_resample",
        sampling_strategy="auto" if options.ratio is None else options.ratio,
        random_state=options.seed,
        **rules,
    )
    return sampler.set_params(**_parameters(options.set))


def _resample_in_pieces(options):
    """Resample a file that may be larger than memory."""
    from .. import resample_dataset

    refused = {
        "--personal": options.personal != "refuse",
        "--constraint": options.constraint,
        "--drop": options.drop,
        "--kind": options.kind,
        "--no-header": options.no_header,
    }
    used = [flag for flag, value in refused.items() if value]
    if used:
        raise ValueError(f"{used[0]} does not go with --memory.")
    progress = Progress(options.quiet)
    done = resample_dataset(
        options.table,
        options.output,
        target=options.target,
        sampler=_named_sampler(options),
        memory=options.memory,
        max_rows=options.max_rows,
    )
    progress(f"added {done.n_new} rows by {options.sampler} to {done.n_given}")
    progress(f"wrote {done.output}")
    return 0


def _sample(options, arguments):
    from .. import load

    progress = Progress(options.quiet)
    model = load(options.model)
    progress(f"loaded {type(model).__name__}")
    conditions = None
    if options.where:
        conditions = conditions_of(options.where, model.sample(1, random_state=0)[0])
    X, y = model.sample(
        options.rows,
        y=_label(options.label, model.classes_),
        conditions=conditions,
        random_state=options.seed,
    )
    if y is not None:
        X[getattr(y, "name", None) or "class"] = y
    write_table(X, options.output, TableFile(Path(options.output), X, csv=CsvFormat()))
    progress(f"wrote {options.output}")
    return 0


def _label(text, classes):
    """A class as the model knows it, from its text."""
    if text is None or classes is None:
        return None
    known = {str(label): label for label in classes.tolist()}
    if text not in known:
        end = did_you_mean(text, known, f": its classes are {', '.join(known)}.")
        raise ValueError(f"The model has no class {text!r}{end}")
    return known[text]
