"""Fit one peer on a CSV file and write synthetic rows; runs in the peers' own environment.

    python peer_models.py MODEL REAL.csv MADE.csv --seed 0 --epochs 300

MODEL is one of CTGAN, TVAE (package ctgan), GaussianCopula, CopulaGAN (package sdv). Prints one
line of JSON: seconds of fitting and drawing, peak memory in MB, versions. Columns that are not
numbers are declared categories, whatever else detection would make of their names. It imports
nothing of skgensample, so that the environment needs none of it.
"""

import argparse
import importlib.metadata
import json
import random
import resource
import time

import numpy as np
import pandas as pd
import torch


def from_ctgan(name, table, options):
    """CTGAN or TVAE with the package's defaults."""
    import ctgan

    model = getattr(ctgan, name)(epochs=options.epochs, verbose=False)
    discrete = [c for c in table if not pd.api.types.is_numeric_dtype(table[c])]
    return model, lambda: model.fit(table, discrete)


def from_sdv(name, table, options):
    """A synthesizer with its defaults and the columns' types stated."""
    from sdv import single_table
    from sdv.metadata import Metadata

    types = {
        column: "numerical" if pd.api.types.is_numeric_dtype(table[column]) else "categorical"
        for column in table
    }
    columns = {column: {"sdtype": kind} for column, kind in types.items()}
    metadata = Metadata.load_from_dict({"tables": {"table": {"columns": columns}}})
    kwargs = {"epochs": options.epochs} if name == "CopulaGAN" else {}
    model = getattr(single_table, f"{name}Synthesizer")(metadata, **kwargs)
    return model, lambda: model.fit({"table": table})


def main():
    """Fit, draw, write, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", choices=["CTGAN", "TVAE", "GaussianCopula", "CopulaGAN"])
    parser.add_argument("real")
    parser.add_argument("made")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=300)
    options = parser.parse_args()
    random.seed(options.seed)
    np.random.seed(options.seed)
    torch.manual_seed(options.seed)
    table = pd.read_csv(options.real, keep_default_na=False)
    make = from_ctgan if options.model in ("CTGAN", "TVAE") else from_sdv
    package = "ctgan" if make is from_ctgan else "sdv"
    model, fit = make(options.model, table, options)
    start, cpu = time.perf_counter(), time.process_time()
    fit()
    fitted, cpu = time.perf_counter(), time.process_time() - cpu
    made = model.sample(len(table))
    drawn = time.perf_counter()
    made = made["table"] if isinstance(made, dict) else made
    made.to_csv(options.made, index=False)
    report = {
        "package": f"{package} {importlib.metadata.version(package)}",
        "fit_seconds": fitted - start,
        "fit_cpu_seconds": cpu,
        "draw_seconds": drawn - fitted,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "epochs": options.epochs,
        "torch_threads": torch.get_num_threads(),
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
