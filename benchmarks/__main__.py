"""``python -m benchmarks``: run the floor and the product, print the table, keep it in ``benchmarks/results``.

Every scenario runs in a fresh process, so that memory is its own; ratios are of CPU over all processes.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from benchmarks import endpoint, report
from benchmarks.scenarios import SCENARIOS, Case


@click.command()
@click.option("--records", default=50_000, show_default=True, help="Size of the catalogue.")
@click.option(
    "--postgres", default="", help="SQLAlchemy URL of an empty PostgreSQL database (else SQLite only)."
)
@click.option("--only", multiple=True, help="Run only scenarios whose name begins so.")
@click.option("--scale/--no-scale", default=True, help="Also the scenarios at other sizes (up to 10 times).")
@click.option("--keep/--no-keep", default=True, help="Write benchmarks/results.md and results.svg.")
def main(records: int, postgres: str, only: tuple[str, ...], scale: bool, keep: bool) -> None:
    """Compare the product with a straight-line script that does the least that must be done."""
    figures: list[report.Figure] = []
    with endpoint.serving() as base_url:
        for case in _cases(records, postgres, only, scale):
            click.echo(f"{case.name} …", err=True)
            figures += _run(case, base_url)
    table = report.table(figures, records)
    click.echo(table)
    if keep:
        report.keep(figures, table, Path(__file__).parent)


def _cases(records: int, postgres: str, only: tuple[str, ...], scale: bool) -> Iterator[Case]:
    for database in ("sqlite", *(["postgresql"] if postgres else [])):
        for scenario in SCENARIOS:
            if only and not scenario.name.startswith(only):
                continue
            for factor in scenario.factors if scale else (1.0,):
                yield Case(scenario.name, database, postgres, int(records * factor))


def _run(case: Case, base_url: str) -> list[report.Figure]:
    """Run one case in a process of its own; it prints its figures as lines of JSON."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.scenarios", case.name, case.database, case.postgres,
             str(case.records), base_url, folder],
            stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return [report.Figure(**json.loads(line)) for line in done.stdout.splitlines() if line.startswith("{")]


if __name__ == "__main__":
    main()
