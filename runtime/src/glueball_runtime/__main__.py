"""`python -m glueball_runtime <run directory>/launch.json` runs a job's script."""

from __future__ import annotations

import sys

from glueball_runtime.start import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
