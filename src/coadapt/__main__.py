"""Let `python -m coadapt` be the command line."""

from __future__ import annotations

from coadapt.cli.main import main

if __name__ == "__main__":
    main()
