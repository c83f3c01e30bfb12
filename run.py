#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Set up csanalysis and run it, with nothing but Python: ``python3 run.py --help``.

This file alone is written for every Python from 2.7 on, so that an old one says what is wrong
instead of showing a syntax error. The work is done in ``tools/``.
"""

import os
import sys

OLDEST = (3, 11)
NEWEST = (3, 13)

WRONG_PYTHON = """\
csanalysis needs Python 3.11, 3.12 or 3.13, and this is Python {version} ({executable}).
csanalysis には Python 3.11、3.12、3.13 のいずれかが必要ですが、これは Python {version} です。

{advice}
"""

FOUND = """\
This machine has a fitting one. Run / このコンピューターには使える Python があります。次を実行してください:
    {name} run.py {arguments}"""

INSTALL = """\
Install Python 3.12 and run again / Python 3.12 をインストールしてから、もう一度実行してください:
    Windows        winget install Python.Python.3.12     then / 次に  py -3.12 run.py {arguments}
    macOS          brew install python@3.12              then / 次に  python3.12 run.py {arguments}
    Debian/Ubuntu  sudo apt install python3 python3-venv then / 次に  python3 run.py {arguments}
    conda          conda env create -f environment.yml"""


def say(text):
    """Write `text` to standard error, whatever its encoding can show."""
    try:
        sys.stderr.write(text)
    except UnicodeEncodeError:
        sys.stderr.write(text.encode("ascii", "replace").decode("ascii"))


def fitting_python():
    """Return the name of a fitting Python on the search path, or an empty string."""
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        for folder in os.environ.get("PATH", "").split(os.pathsep):
            path = os.path.join(folder, "python3.{}".format(minor))
            # A shim of a version manager may stand for a Python that is not there: ask it.
            if os.access(path, os.X_OK) and os.system('"{}" -c "" >{} 2>&1'.format(path, os.devnull)) == 0:
                return "python3.{}".format(minor)
    return ""


def wrong_python(arguments):
    """Return what to tell somebody who runs this with a Python that is too old or too new."""
    name = fitting_python()
    return WRONG_PYTHON.format(
        version=".".join(str(part) for part in sys.version_info[:3]),
        executable=sys.executable,
        advice=(FOUND if name else INSTALL).format(name=name, arguments=" ".join(arguments)),
    )


def main(arguments):
    """Run a command and return its exit code: 0 done, 1 failed, 2 wrong usage or wrong Python."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        say(wrong_python(arguments))
        return 2
    from tools.commands import run_command

    try:
        return run_command(arguments)
    except KeyboardInterrupt:
        say("\ncsanalysis: stopped / 中断しました\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
