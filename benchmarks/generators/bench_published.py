"""Published synthetic rows of adult beside those of our models, trained on the same rows.

    python benchmarks/generators/bench_published.py --data FOLDER [--models NAME ...] [--seeds 2]
        [--first-seed 0] [--cache FOLDER] [--output FILE.jsonl] [--as-published]
    python benchmarks/generators/bench_published.py --print FILE.jsonl ...

FOLDER holds the folder published-samples-adult: samples of TabSyn, TabularARGN, TabMT and STaSy,
made by their authors or by those of TabularARGN, the half of adult that they were trained on
(train.parquet) and the other half (test.parquet). Our models learn the same half and draw as many
rows of each class. Measures and references are those of bench_quality.py; a published sample counts
as a run, as a seed of ours does.

The published files differ in their names of columns, blanks and the name of missing cells, which
are made equal here. Some samplers wrote numbers with decimals where adult has whole ones. They are
rounded, which is the better reading for them; `--as-published` leaves them as they are.

A fourth of the rows of the test half are also in the training half, and another fourth repeat rows
of the test half, while few of the training half do. Errors and two-sample tests take the test half
as it is: the published figures do. The membership attack leaves out what is in both halves, the
share of closest records takes as many different rows of each, and copies stand beside the natural
rate. Compare figures of this table with each other only, not with those of adult in
bench_quality.py.
"""

import argparse

import pandas as pd
import result_lines
from bench_quality import (
    COLUMNS,
    REFERENCES,
    add_options,
    learner,
    measures,
    parsed,
    runs,
)
from quality_tables import Split, with_target, without_target

import skgensample

FOLDER, TABLE = "published-samples-adult", "published"
PUBLISHED = {
    "TabSyn": "tabsyn",
    "TabularARGN": "tabargn",
    "TabularARGN, DP": "tabargn_dp",
    "TabMT": "tabmt",
    "STaSy": "stasy",
}
PREFERRED = (
    "SequentialTreesResampler", "AutoregressiveResampler", "GaussianCopulaResampler",
    "TVAEResampler",
)  # fmt: skip


def read(path, rounded=True):
    """A joint table with the label `target`: one spelling of names, text and missing cells."""
    table = pd.read_parquet(path)
    table.columns = table.columns.str.replace(r"[._]", "-", regex=True)
    numbers = table.select_dtypes("number").columns
    values = table[numbers].astype("float64")
    table[numbers] = values.round() if rounded else values
    text = table.columns.difference(numbers)
    table[text] = table[text].apply(lambda column: column.str.strip().fillna("?").astype(object))
    return with_target(table.drop(columns="income"), (table["income"] == ">50K").astype(int))


def published(folder, split, options):
    """Figures of every published sample."""
    for name, stem in PUBLISHED.items():
        found = []
        for path in sorted(folder.glob(f"{stem}_[0-9].parquet")):
            seed = int(path.stem[-1])
            values = measures(read(path, not options.as_published), split, seed)
            values = {key: None if value != value else value for key, value in values.items()}
            record = {"table": TABLE, "model": name, "seed": seed, **values}
            result_lines.append(options.output, record)
            found.append(record)
        print(result_lines.line(name, found, COLUMNS), flush=True)


def options_of(arguments=None):
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_options(parser, seeds=2)
    parser.add_argument("--as-published", action="store_true", help="numbers are not rounded")
    return parsed(parser, arguments)


def main():
    """Print the table."""
    options = options_of()
    if options.print:
        result_lines.print_tables(result_lines.read(options.print), COLUMNS)
        return
    folder = options.data / FOLDER
    train, test = (read(folder / f"{part}.parquet") for part in ("train", "test"))
    split = Split(*without_target(train), *without_target(test))
    print(f"{type(learner(0)).__name__}, {result_lines.versions()}")
    print(f"{len(train)} training rows, {len(test)} test rows; rounded: {not options.as_published}")
    print(result_lines.head(COLUMNS), flush=True)
    for name in (*REFERENCES[::2], "NumbaSMOTE"):
        print(result_lines.line(name, runs(name, TABLE, split, options), COLUMNS), flush=True)
    published(folder, split, options)
    for name in options.models or [name for name in PREFERRED if name in skgensample.__all__]:
        if found := runs(name, TABLE, split, options):
            print(result_lines.line(name, found, COLUMNS), flush=True)


if __name__ == "__main__":
    main()
