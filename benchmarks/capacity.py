"""Build and solve the capacity plan: by cuts, beside the same model in scipy milp and in PuLP with CBC.

    python benchmarks/capacity.py --scenarios 100 200 1000 --limit 120

Every solver gets the same problem, in whole numbers (gap 1e-4) and without, in one run. A peer that is not
done at the time limit is stopped: its time is then a lower bound, marked with ">". Ratios hold on other
machines, seconds do not. PuLP is no dependency of the project; without it its rows are left out and said so.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp

import csanalysis as cs
from csanalysis.planning.capacity_decisions import Decisions, decisions_of
from csanalysis.planning.capacity_problem import CapacityProblem
from csanalysis.planning.capacity_terms import pools_of, problem_of
from csanalysis.planning.decomposition import GAP, solve_by_cuts
from csanalysis.planning.demand_scenarios import noise
from csanalysis.planning.extensive import program
from csanalysis.workspace import example_dir

Found = tuple[float, bool]
"""Objective in JPY (NaN: none), and whether the solver finished."""


def example_problem(n: int, months: int, blocks: bool) -> CapacityProblem:
    """Return the example workspace with growth and swings that call for hires, over some months."""
    ds = cs.load_dataset(example_dir())
    changes = {"horizon_months": float(months), "growth_monthly": 0.03, "demand_cv": 0.3}
    if blocks:
        changes |= {"resources.bpo.block": 20.0, "resources.bpo.minimum_units": 60.0}
    sc = ds.base.replace(changes)
    pools = pools_of(ds, sc, cs.playbook_assignment(ds, sc))
    return problem_of(pools, noise(months, n, 0.3, seed=1))


def by_cuts(problem: CapacityProblem, limit: float) -> Found:
    """Solve as the package does."""
    return solve_by_cuts(problem, decisions_of(problem)).objective, True


def by_scipy(problem: CapacityProblem, limit: float) -> Found:
    """Solve the extensive form by HiGHS through scipy: milp, or linprog where nothing is whole."""
    decisions = decisions_of(problem)
    cost, rows, bounds, whole = program(problem, decisions)
    base = (1 + problem.cvar_weight) * decisions.constant
    if problem.whole:
        limits = [LinearConstraint(*row) for row in rows]
        options = {"mip_rel_gap": GAP, "time_limit": limit}
        done = milp(cost, constraints=limits, bounds=bounds, integrality=whole, options=options)
    else:
        from scipy import sparse

        matrix, high = [], []
        for block, low, up in rows:
            matrix += [block[np.isfinite(up)], -block[np.isfinite(low)]]
            high += [up[np.isfinite(up)], -low[np.isfinite(low)]]
        stacked, ends = sparse.vstack(matrix), np.concatenate(high)
        box = np.column_stack([bounds.lb, bounds.ub])
        done = linprog(cost, stacked, ends, bounds=box, method="highs", options={"time_limit": limit})
    return (float(done.fun) + base if done.x is not None else np.nan), done.status == 0


def by_pulp(problem: CapacityProblem, limit: float) -> Found:
    """Solve the extensive form by CBC through PuLP, from the same rows."""
    import pulp

    decisions = decisions_of(problem)
    cost, rows, bounds, whole = program(problem, decisions)
    model = pulp.LpProblem("capacity", pulp.LpMinimize)
    ends = [[float(v) if np.isfinite(v) else None for v in side] for side in (bounds.lb, bounds.ub)]
    kinds = ["Integer" if w else "Continuous" for w in whole]
    columns = [pulp.LpVariable(f"x{n}", *end) for n, end in enumerate(zip(*ends, kinds, strict=True))]
    model += pulp.LpAffineExpression(list(zip(columns, cost.tolist(), strict=True)))
    for matrix, low, high in rows:
        for n in range(matrix.shape[0]):
            at = slice(matrix.indptr[n], matrix.indptr[n + 1])
            terms = [(columns[c], float(v)) for c, v in zip(matrix.indices[at], matrix.data[at], strict=True)]
            row = pulp.LpAffineExpression(terms)
            if np.isfinite(low[n]):
                model += row >= float(low[n])
            if np.isfinite(high[n]):
                model += row <= float(high[n])
    status = model.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=GAP, timeLimit=limit))
    value = pulp.value(model.objective)
    base = (1 + problem.cvar_weight) * decisions.constant
    done = status == pulp.LpStatusOptimal and model.sol_status == pulp.LpSolutionOptimal
    return (np.nan if value is None else float(value) + base), done


def measured(
    solve: Callable[[CapacityProblem, float], Found], problem: CapacityProblem, limit: float
) -> tuple:
    """Return seconds of build and solve, objective, and whether it finished."""
    start = time.perf_counter()
    objective, finished = solve(problem, limit)
    return time.perf_counter() - start, objective, finished


def columns_of(problem: CapacityProblem, decisions: Decisions) -> str:
    """Return the size of the extensive form."""
    cost, rows, _, whole = program(problem, decisions)
    return f"{len(cost):,} columns ({int(whole.sum())} whole), {sum(len(low) for _, low, _ in rows):,} rows"


def main(argv: list[str] | None = None) -> int:
    """Run and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenarios", type=int, nargs="+", default=[100, 200, 1000])
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--limit", type=float, default=120.0, help="seconds for each run of a peer")
    parser.add_argument("--blocks", action="store_true", help="sell the contract's hours in blocks of 20")
    parser.add_argument("--kind", choices=["both", "whole", "linear"], default="both")
    asked = parser.parse_args(argv)
    peers = {"cuts": by_cuts, "scipy": by_scipy}
    if importlib.util.find_spec("pulp"):
        peers["pulp+cbc"] = by_pulp
    else:
        print("PuLP is not installed: pip install pulp brings it; its rows are left out")
    told = [
        f"{name} {version(name)}" for name in ("numpy", "scipy", "pulp") if importlib.util.find_spec(name)
    ]
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {', '.join(told)}"
    )
    by_cuts(example_problem(20, 6, False), asked.limit)  # imports and caches are nobody's time
    for whole in [True, False]:
        if asked.kind == ("linear" if whole else "whole"):
            continue
        for n in asked.scenarios:
            problem = replace(example_problem(n, asked.months, asked.blocks), whole=whole)
            kind = "whole heads, gap 1e-4" if whole else "linear"
            size = columns_of(problem, decisions_of(problem))
            print(f"\n{n} scenarios, {asked.months} months, {kind}: {size}")
            table(problem, peers, asked.limit)
    return 0


def table(problem: CapacityProblem, peers: dict[str, Callable[..., Found]], limit: float) -> None:
    """Run every solver on a problem and print a line each."""
    base_time, base = 0.0, 0.0
    for name, solve in peers.items():
        seconds, objective, finished = measured(solve, problem, limit)
        if name == "cuts":
            base_time, base = seconds, objective
        mark = " " if finished else ">"
        apart = f"{(objective - base) / base:+.1e}" if np.isfinite(objective) else "no plan found"
        ratio = f"{mark}{seconds / base_time:8.1f} x"
        print(
            f"  {name:9s} {mark}{seconds:8.3f} s {ratio}   objective {objective:,.0f} ({apart})", flush=True
        )


if __name__ == "__main__":
    sys.exit(main())
