"""Hidden names next to an output, for what is not complete or not needed afterwards."""

import contextlib
import glob
import itertools
import os
import shutil
from pathlib import Path

#: Ending of hidden names, after the number of the process that uses them.
ENDING = "partial"

#: Numbers of the names in this process, several threads of which may have the same output; and
#: the names in use. A process of a container often has the number of the one before.
NUMBERS = itertools.count()
IN_USE: set[Path] = set()


@contextlib.contextmanager
def completed(output, kind):
    """A hidden name in the output's folder, which takes its place when all is written."""
    with hidden_name(output) as hidden:
        yield hidden
        if kind != "folder":
            with open(hidden, "rb") as file:
                os.fsync(file.fileno())
        os.replace(hidden, output)


@contextlib.contextmanager
def hidden_name(output, *parts):
    """A free hidden name next to the output; what has that name at the end is removed.

    What killed runs with the same output have left is removed first.

    Parameters
    ----------
    output : Path
        The output.
    *parts : str
        Parts of the name.

    Yields
    ------
    Path
    """
    folder = output.absolute().parent.resolve()
    for left in folder.glob(f".{glob.escape(output.name)}.*.{ENDING}"):
        if not _is_used(left):
            remove(left)
    own = next(NUMBERS), os.getpid()
    hidden = folder / ".".join(["", output.name, *parts, *map(str, own), ENDING])
    IN_USE.add(hidden)
    try:
        yield hidden
    finally:
        remove(hidden)
        IN_USE.discard(hidden)


def _is_used(path):
    """Whether a hidden name belongs to a running process; True where it cannot be told."""
    number = path.name.split(".")[-2]
    if number == str(os.getpid()):
        return path in IN_USE
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):
        return True
    return True


def remove(path):
    """Remove a file or folder, if there is one; another process may be doing the same."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
