"""Breaks the code in sampled places and reports what the tests did not notice: `make mutants`."""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice, repeat, takewhile, zip_longest
from pathlib import Path
from textwrap import shorten
from typing import TypeVar

from tools.mutants.edits import Mutant
from tools.mutants.lines import Lines
from tools.mutants.packages import PACKAGES, Package, find_code, find_tests, order_runs
from tools.mutants.runs import copy_checkout, run_tests, try_mutant
from tools.mutants.sample import EquivalentError, read_equivalent, sample

ROOT = Path(__file__).parents[2]
EQUIVALENT = Path(__file__).with_name("equivalent.toml")
WORKERS = 2
_UNMUTATED_SECONDS = 900.0
# A mutant may wait for what never comes, in each of a package's tests.
_SLOWER, _MORE_SECONDS = 1.5, 60.0
Job = TypeVar("Job")


class UnmutatedTestsFailError(Exception):
    """A package's tests fail without a mutant; the message is their output."""


@dataclass
class Result:
    """A package's results.

    Attributes:
        package: The package.
        limit: The time limit of its tests, in seconds.
        lines: Which of them run which lines of its code.
        killed: The mutants that a test noticed, or that exceeded the limit.
        survived: The others.
    """

    package: Package
    limit: float = _UNMUTATED_SECONDS
    lines: Lines = field(default_factory=Lines)
    killed: list[Mutant] = field(default_factory=list)
    survived: list[Mutant] = field(default_factory=list)

    @property
    def tried(self) -> int:
        """The number of mutants."""
        return len(self.killed) + len(self.survived)

    @property
    def share(self) -> float:
        """The share of killed mutants, in percent."""
        return 100 * len(self.killed) / max(1, self.tried)

    @property
    def is_below(self) -> bool:
        """True if fewer mutants were killed than wanted."""
        return self.tried > 0 and self.share < self.package.wanted


def try_sample(
    packages: Sequence[Package],
    root: Path,
    *,
    seed: int,
    count: int,
    minutes: float,
    equivalent: set[Mutant],
) -> list[Result]:
    """Try mutants of each package in turn, two at a time, in copies of the checkout.

    Args:
        packages: The packages.
        root: The checkout.
        seed: The seed of the sample.
        count: The most mutants per package.
        minutes: The time after which no further mutant is tried, from the first one on.
        equivalent: The mutants to leave out.

    Raises:
        UnmutatedTestsFailError: A package's tests fail without a mutant.
    """
    results = [Result(package) for package in packages]

    def check(result: Result, copy: Path) -> None:
        tests, code = find_tests(result.package, copy), find_code(result.package, copy)
        python = [path for path in code if path.endswith(".py")]
        outcome = run_tests(copy, tests, _UNMUTATED_SECONDS, traced=python)
        if not outcome.passed:
            raise UnmutatedTestsFailError(
                f"The tests of {result.package.name} fail without a mutant.\n{outcome.output}"
            )
        result.limit, result.lines = _SLOWER * outcome.seconds + _MORE_SECONDS, outcome.lines
        print(f"{result.package.name:12}unmutated{outcome.seconds:6.1f} s", flush=True)

    def attempt(job: tuple[Result, Mutant], copy: Path) -> None:
        result, mutant = job
        tests, concerned = find_tests(result.package, copy), result.lines.concerned(mutant)
        runs = order_runs(tests, concerned, mutant.path, copy)
        outcome = try_mutant(mutant, copy, runs, result.limit)
        (result.survived if outcome.passed else result.killed).append(mutant)
        word = "SURVIVED" if outcome.passed else "killed"
        where = f"{mutant.path}:{mutant.line}"
        print(
            f"{result.package.name:12}{word:9}{outcome.seconds:6.1f} s  {where}  {mutant.after}",
            flush=True,
        )

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copies = [copy_checkout(root, Path(folder) / str(number)) for number in range(WORKERS)]
        _share_out(iter(results), copies, check)
        deadline = time.monotonic() + 60 * minutes
        # The copy, because somebody may edit the checkout meanwhile.
        samples = [
            zip(repeat(each), islice(sample(each.package, copies[0], seed, equivalent), count))
            for each in results
        ]
        turns = (job for turn in zip_longest(*samples) for job in turn if job)
        _share_out(takewhile(lambda _: time.monotonic() < deadline, turns), copies, attempt)
    return results


def _share_out(jobs: Iterator[Job], copies: list[Path], do: Callable[[Job, Path], None]) -> None:
    """Do each job in the copy that is free next; the first error ends all."""
    lock, stopped = threading.Lock(), threading.Event()

    def work(copy: Path) -> None:
        try:
            while not stopped.is_set():
                with lock:
                    job = next(jobs, None)
                if job is None:
                    return
                do(job, copy)
        except BaseException:
            stopped.set()
            raise

    with ThreadPoolExecutor(len(copies)) as pool:
        try:
            list(pool.map(work, copies))
        finally:
            stopped.set()


def report(results: Iterable[Result]) -> Iterator[str]:
    """The survivors with their edits, and a table."""
    for result in results:
        for mutant in sorted(result.survived, key=lambda each: (each.path, each.line)):
            before, after = (shorten(each, 200) for each in (mutant.before, mutant.after))
            yield f"\n{mutant.path}:{mutant.line}\n  - {before}\n  + {after}"
    yield "\npackage      killed  survived   share  wanted"
    for result in results:
        yield (
            f"{result.package.name:12}{len(result.killed):7}{len(result.survived):10}"
            f"{result.share:7.0f} %{result.package.wanted:6} %"
            f"{'  below' if result.is_below else ''}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command's arguments, try the mutants and print the report.

    Returns:
        0; 1 if the tests fail without a mutant, or with `--check` if a share is below the wanted.
    """
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    names = [package.name for package in PACKAGES]
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311
    parser.add_argument("--package", choices=names, action="append")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--count", type=int, default=10_000, help="at most, per package")
    parser.add_argument("--check", action="store_true", help="fail below the wanted share")
    options = parser.parse_args(arguments)
    packages = [each for each in PACKAGES if each.name in (options.package or names)]
    print(f"SEED={options.seed}", flush=True)
    for package in [each for each in packages if not shutil.which(each.needs)]:
        print(f"Without {package.needs}, {package.name} is left out.")
        packages.remove(package)
    try:
        results = try_sample(
            packages,
            ROOT,
            seed=options.seed,
            count=options.count,
            minutes=options.minutes,
            equivalent=read_equivalent(EQUIVALENT, ROOT),
        )
    except (EquivalentError, UnmutatedTestsFailError) as error:
        print(error)
        return 1
    print("\n".join(report(results)))
    return int(options.check and any(result.is_below for result in results))


if __name__ == "__main__":
    sys.exit(main())
