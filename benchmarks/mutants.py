"""Draw a random sample of mutants for mutmut, and count what became of them.

    pip install mutmut==3.8.1                                   # in an environment with the test requirements
    mutmut run csanalysis.io.provenance.x_sha256_of__mutmut_1   # makes all mutants and times the tests
    python benchmarks/mutants.py --draw 300 --seed 20261122     # writes mutants/sample.txt
    xargs mutmut run --max-children 1 < mutants/sample.txt
    python benchmarks/mutants.py                                # score by package, and the survivors

Settings of mutmut: ``[tool.mutmut]`` in pyproject.toml. What was found: docs/test_strength.md.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path

MUTANTS = Path("mutants")
SAMPLE = MUTANTS / "sample.txt"
LEAST = 2
"""Mutants of every file, however small."""
OUTCOMES = {None: "not run", 0: "survived", 1: "killed", 33: "no tests"}


def outcomes() -> dict[str, dict[str, int | None]]:
    """Return file -> mutant -> exit code of its tests."""
    found = {}
    for path in sorted((MUTANTS / "csanalysis").rglob("*.meta")):
        codes = json.loads(path.read_text("utf-8"))["exit_code_by_key"]
        if codes:
            found[str(path)] = codes
    return found


def draw(count: int, seed: int) -> list[str]:
    """Return about `count` mutants, of each file as many as its share of all, in random order."""
    files = {path: sorted(codes) for path, codes in outcomes().items()}
    total = sum(map(len, files.values()))
    chance = random.Random(seed)
    drawn: list[str] = []
    for names in files.values():
        share = max(LEAST, round(count * len(names) / total))
        drawn += chance.sample(names, min(share, len(names)))
    chance.shuffle(drawn)
    return drawn


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--draw", type=int, metavar="N", help="draw about N mutants")
    parser.add_argument("--seed", type=int, default=20261122)
    arguments = parser.parse_args()
    if arguments.draw:
        SAMPLE.write_text("\n".join(draw(arguments.draw, arguments.seed)) + "\n", "utf-8")
        print(f"{len(SAMPLE.read_text('utf-8').split())} mutants in {SAMPLE}")
        return
    codes = {name: code for file in outcomes().values() for name, code in file.items()}
    counts: dict[str, Counter[str]] = {}
    for name in SAMPLE.read_text("utf-8").split():
        outcome = OUTCOMES.get(codes[name], "killed")  # a timeout or a crash is noticed too
        counts.setdefault(name.split(".")[1], Counter())[outcome] += 1
        if outcome in ("survived", "no tests"):
            print(f"{outcome:9} {name}")
    for package, found in counts.items():
        run = sum(found.values()) - found["not run"]
        print(
            f"{package}: {dict(found)}, score {found['killed'] / run if run else float('nan'):.1%} of {run}"
        )


if __name__ == "__main__":
    main()
