"""Times statistics of ours and of other programs over the same points, in turns, and writes the part of docs/benchmarks.md: `make bench-science`.

ROUNDS is a variable of the environment; LARGE=0 leaves out a million points, of which scikit-learn takes minutes and 12 GB. The environment
of this script has the other programs (requirements.txt).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE.parent)]
import page  # noqa: E402

ROUNDS = int(os.environ.get("ROUNDS", "3"))
LARGE = os.environ.get("LARGE", "1") != "0"
# seconds after which another program is stopped
PATIENCE = 600


def built():
    """The program of ours, as cargo builds it."""
    command = ["cargo", "bench", "--locked", "--bench", "science", "--no-run", "--message-format=json"]
    lines = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    programs = [json.loads(line).get("executable") for line in lines if '"executable":"' in line]
    return next(program for program in programs if program)


# another build of benches/science.rs to try it
PROGRAM = os.environ.get("SCIENCE") or built()


def towns(number):
    """Points in metres: four of five in towns of unlike densities, the others anywhere."""
    random = np.random.default_rng(1)
    of = max(20, number // 500)
    middle, width = random.uniform(0, 100_000, (of, 2)), random.lognormal(6, 1, of)
    town = random.integers(0, of, number)
    at = middle[town] + random.normal(size=(number, 2)) * width[town][:, None]
    anywhere = random.random(number) < 0.2
    at[anywhere] = random.uniform(0, 100_000, (anywhere.sum(), 2))
    return at


def degrees(at):
    return np.array([119.5, 29.5]) + at / np.array([96_500, 110_850])


def once(command, rounds):
    try:
        done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE * rounds, check=True)
    except subprocess.TimeoutExpired:
        return None
    return json.loads(done.stdout.splitlines()[-1])


def compared(what, file, arguments, peer, theirs=None, rounds=ROUNDS):
    """Ours and theirs in turns; seconds of the median and the most memory of each."""
    ours, other = [], []
    for _ in range(rounds):
        ours.append(once([PROGRAM, what, file, 1, *arguments], 1))
        if peer:
            other.append(once([sys.executable, HERE / "peers.py", peer, file, 1, *(theirs or arguments)], 1))
        if other and other[-1] is None:
            break
    seconds = lambda runs: statistics.median(second for run in runs for second in run["seconds"])
    # what the points themselves take is in the first
    memory = lambda runs: max(run["peak_mb"] for run in runs)
    if not peer:
        return seconds(ours), memory(ours), None, None
    if None in other:
        return seconds(ours), memory(ours), float("inf"), None
    return seconds(ours), memory(ours), seconds(other), memory(other)


def row(title, target, times, peer, numbers):
    ours, memory, theirs, other = numbers
    held = "yes" if ours <= target else "no"
    if theirs is None:
        return f"| {title} | {ours:.3f} | {memory} | | | | {target} | {held} |"
    if theirs == float("inf"):
        return f"| {title} | {ours:.3f} | {memory} | {peer}: stopped after {PATIENCE} | | > {PATIENCE / ours:.0f}x (of {times}x) | {target} | {held} |"
    ratio = theirs / ours
    both = held if ratio >= times else f"{held}, ratio missed"
    return f"| {title} | {ours:.3f} | {memory} | {peer}: {theirs:.3f} | {other} | {ratio:.0f}x (of {times}x) | {target} | {both} |"


def main():
    rows = []
    with tempfile.TemporaryDirectory() as place:
        def points(number, metres=True):
            file = Path(place) / f"{number}-{metres}"
            if not file.exists():
                at = towns(number)
                (at if metres else degrees(at)).astype("<f8").tofile(file)
            return file

        add = lambda title, target, times, peer, numbers: rows.append(row(title, target, times, peer, numbers))
        hundred = 100_000
        add("DBSCAN, 100,000 points, 500 m, 10", 0.1, 20, "scikit-learn", compared("dbscan", points(hundred), [500, 10], "dbscan"))
        add("Gi* and local Moran, exact, all of it from points to q", 0.3, 10, "esda G_Local, 999 permutations, without its cells", compared("hexagons", points(hundred, False), [8], "gi"))
        add("the same", 0.3, 10, "esda Moran_Local, 999 permutations", compared("hexagons", points(hundred, False), [8], "moran"))
        add("local Moran of real values, 8 nearest of 100,000 points, 99,999 draws", 1, 20, "esda Moran_Local, 999 permutations", compared("lisa", points(hundred), [8, 99_999], "lisa", [8, 999]))
        add("kernel density, 100,000 points, 500 x 500", 0.1, 10, "scikit-learn, exact", compared("density", points(hundred), [1000, 500], "density"))
        add("HDBSCAN*, 100,000 points, 10, 30", 2, 5, "hdbscan", compared("hdbscan", points(hundred), [10, 30], "hdbscan"))
        add("K-density, 500 of 5,000, 1,000 simulations", 1.5, 9, "scipy and numpy", compared("distances", points(5000), [500, 1000, 0], "distances"))
        add("K-density, 2,000 of 5,000, 1,000 simulations", 10, 9, "scipy and numpy", compared("distances", points(5000), [2000, 1000, 0], "distances", rounds=1))
        add("K-density and M, 500 of 5,000, 1,000 simulations", 1.5, 0, None, compared("distances", points(5000), [500, 1000, 1], None))
        if LARGE:
            million = 1_000_000
            add("DBSCAN, 1,000,000 points, 500 m, 10 (150 MB)", 0.8, 20, "scikit-learn", compared("dbscan", points(million), [500, 10], "dbscan", rounds=1))
            add("HDBSCAN*, 1,000,000 points, 10, 30", 30, 5, "hdbscan", compared("hdbscan", points(million), [10, 30], "hdbscan", rounds=1))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True).stdout.strip()
    peers = ", ".join(f"{one} {version(one)}" for one in ("scikit-learn", "hdbscan", "esda", "scipy", "numpy"))
    text = f"""> Written by `make bench-science` (benches/science): do not edit. {date.today()}, commit {commit}, release build; {os.cpu_count()} cores, load average
> {os.getloadavg()[0]:.1f} at the end. {peers}.

Points on a plane of 100 by 100 km, four of five in towns of unlike densities. Ours and theirs in turns over the same file, a process each,
{ROUNDS} rounds (one of what takes minutes), seconds of the median without start and reading; MB is the most that the process had, Python with its libraries.

| what | s | MB | theirs, s | MB | ratio | target s | held |
|---|--:|--:|--:|--:|--:|--:|---|
""" + "\n".join(rows)
    page.write(ROOT / "docs/benchmarks.md", "## Statistics", text)


if __name__ == "__main__":
    main()
