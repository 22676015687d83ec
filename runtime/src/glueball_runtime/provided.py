"""Modules that Glue brings along and that are too large for every runtime: installed when needed.

The first import by a script installs the package, at a fixed version, into a folder that all runs
of the runtime share; small packages are in the runtime's own pins. The names and versions are those
of AWS's list for Glue 6.0: https://github.com/awslabs/aws-glue-libs (`base-requirements.txt`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import IO

from glueball_runtime import modules
from glueball_runtime.launch_error import LaunchError

#: by the name of the module
PACKAGES: Mapping[str, str] = {
    "kaleido": "kaleido==1.2.0",
    "matplotlib": "matplotlib==3.10.8",
    "plotly": "plotly==6.7.0",
    "seaborn": "seaborn==0.13.2",
}
#: libraries that import such a module only when the script asks for what it does
_ON_BEHALF = ("pandas", "seaborn")


def folders(root: Path) -> dict[str, Path]:
    """Return where the package of each module is, or will be, to be put on paths of imports.

    Args:
        root: where runs share modules.
    """
    return {name: modules.shared_folder(root, [package]) for name, package in PACKAGES.items()}


class Finder(MetaPathFinder):
    """Installs a package when nothing else has the module that a script imports.

    Args:
        root: where runs share modules.
        log: where is said what is installed, and pip's output goes.
    """

    def __init__(self, root: Path, log: IO[str]) -> None:
        self._root = root
        self._log = log

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return where the module is after its package was installed; None for all others.

        Raises:
            ModuleNotFoundError: it could not be installed; the text has pip's last line.
        """
        package = PACKAGES.get(fullname)
        if package is None or _is_probe(sys._getframe(1)):
            return None
        self._log.write(f"Glue brings {fullname}: installing {package}; this happens once.\n")
        try:
            folder = modules.shared(self._root, [package], [], self._log)
        except (LaunchError, OSError) as error:
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: Glue brings it, and {package} could not be "
                f"installed. {error} Let pip reach a package index, or bring its wheels by "
                "--additional-python-modules s3://….",
                name=fullname,
            ) from error
        sys.path_importer_cache.pop(str(folder), None)
        return PathFinder.find_spec(fullname, [str(folder)])


def _is_probe(frame: FrameType | None) -> bool:
    """Tell whether a library of the runtime asks: it can do without, or has what it needs."""
    while frame is not None and "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None or not frame.f_code.co_filename.startswith(f"{sys.prefix}/"):
        return False
    return str(frame.f_globals.get("__name__")).partition(".")[0] not in _ON_BEHALF
