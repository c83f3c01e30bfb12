"""Run the command line: ``python -m csanalysis``."""

from csanalysis.cli import main

raise SystemExit(main())
