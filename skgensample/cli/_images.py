"""The command ``skgensample images``: its arguments, and the call of the comparison on images."""

import argparse
import textwrap
from functools import partial
from pathlib import Path

__all__ = ["add_image_command"]

_ABOUT = (
    "Does making images help a class of few? Classifiers are trained on the images as they are, "
    "with class weights and after each sampler, and scored on test images that no sampler has "
    "seen. The images are simulated lung slices of which few have a nodule, unless --data names a "
    "file of two classes."
)


def add_image_command(commands):
    """Add the command to the command line.

    Parameters
    ----------
    commands : object
        What `ArgumentParser.add_subparsers` returns.
    """
    parser = commands.add_parser(
        "images",
        help="does making images help a class of few? compare samplers of images",
        description=textwrap.fill(_ABOUT, 78),
    )
    add = parser.add_argument
    add("--data", metavar="PATH", help="MedMNIST .npz file, or folder of PNG files by class")
    add("--masks", metavar="DIR", help="folder with masks of lesions for a folder of PNG files")
    add("--minority", metavar="LABEL", help="--data: minority class (default: the smaller one)")
    add("--n-minority", metavar="N", type=_count, default=30, help="its images (default 30)")
    add("--n-samples", metavar="N", type=_count, default=1500, help="simulated images, in all")
    add("--seeds", metavar="N", type=_count, default=3, help="number of splits (default 3)")
    add("--strategies", metavar="NAME,...", type=_names, help="see --list (default: all)")
    add("--learners", metavar="NAME,...", type=_names, help="see --list (default: all)")
    add(
        "--max-steps",
        metavar="N",
        type=_count,
        default=200,
        help="training steps of DeepSMOTE and ImageGAN (default 200, a quick look; good images "
        "take thousands)",
    )
    add(
        "--output",
        metavar="DIR",
        help="folder for table, cells, picture grid and plot; an interrupted run goes on there",
    )
    add("--quiet", action="store_true", help="no line for each finished cell")
    add("--list", action="store_true", help="list strategies and learners, and do nothing else")
    parser.set_defaults(run=_images)


def _names(text):
    return [name.strip() for name in text.split(",") if name.strip()]


def _count(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("a whole number from 1 on is expected")
    return int(text)


def _images(options, arguments):
    """Run the comparison and print its table."""
    from .. import benchmarking

    if options.list:
        for title in ("IMAGE_STRATEGIES", "IMAGE_LEARNERS"):
            for name, label in getattr(benchmarking, title).items():
                print(f"{name:18}{label}")
        return 0
    if options.data is None and (options.masks or options.minority):
        raise ValueError("--masks and --minority need --data.")
    checkpoint = None
    if options.output:
        Path(options.output).mkdir(parents=True, exist_ok=True)
        checkpoint = Path(options.output) / "unfinished.jsonl"
    splits = benchmarking.image_splits(
        options.data,
        masks=options.masks,
        minority=options.minority,
        n_minority=options.n_minority,
        n_samples=options.n_samples,
        n_splits=options.seeds,
    )
    result = benchmarking.run_image_benchmark(
        splits,
        strategies=options.strategies,
        learners=options.learners,
        max_steps=options.max_steps,
        checkpoint=checkpoint,
        progress=None if options.quiet else partial(print, flush=True),
    )
    print(result.to_text(), end="", flush=True)
    if options.output:
        for path in result.save(options.output):
            print(f"wrote {path}")
        checkpoint.unlink(missing_ok=True)
    return 0
