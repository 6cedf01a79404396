"""Hidden names next to an output, for what is not complete or not needed afterwards."""

import contextlib
import glob
import os
import shutil

#: Ending of hidden names, after the number of the process that uses them.
ENDING = "partial"


@contextlib.contextmanager
def completed(output, kind):
    """A hidden name in the output's folder, which takes its place when all is written."""
    output = output.absolute()
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
    output = output.absolute()
    for left in output.parent.glob(f".{glob.escape(output.name)}.*.{ENDING}"):
        if not _is_running(left.name.split(".")[-2]):
            remove(left)
    hidden = output.parent / ".".join(["", output.name, *parts, str(os.getpid()), ENDING])
    remove(hidden)
    try:
        yield hidden
    finally:
        remove(hidden)


def _is_running(number):
    """Whether a process of that number runs; True where it cannot be told."""
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except (ValueError, OSError):
        return True
    return True


def remove(path):
    """Remove a file or folder, if there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
