"""How each workload grows with the rows: writes the part "Growth" of the page from the results of several runs.

    python3 benches/http/growth.py [--work target/bench] [--page docs/benchmarks.md] [--run 10000,100000,1000000,10000000]

`--run` measures first (without peers, each size after the other), else what earlier runs left is read."""
import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

import report

HERE = Path(__file__).parent
# what grows with the rows by design, and what has to grow with the answer only
WHY = HERE / "growth.json"


def figure(key, r):
    """The one figure of a workload that is compared, and its unit."""
    ours = r["ours"]
    if key == "start":
        return ours["s"], "s"
    if key == "memory":
        return ours["mb"], "MB"
    return ours["p50"], "ms"


def slope(points):
    """The exponent of the rows, by least squares in logarithms: 1 is as the rows, 0 is not at all."""
    xs, ys = [math.log10(n) for n, _ in points], [math.log10(max(v, 1e-6)) for _, v in points]
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)


def table(runs, why):
    """Lines of the table; `runs`: rows -> results."""
    sizes = sorted(runs)
    out = ["| workload | unit | " + " | ".join(f"{n:,} rows" for n in sizes) + " | slope | why |",
           "|---|---|" + "--:|" * (len(sizes) + 1) + "---|"]
    for key, (title, _) in report.TABLE.items():
        found = {n: figure(key, runs[n][key]) for n in sizes if key in runs[n] and key not in ("big", "soak")}
        if len(found) < 2:
            continue
        unit = next(iter(found.values()))[1]
        cells = [report.number(found[n][0]) if n in found else "-" for n in sizes]
        exponent = slope([(n, v) for n, (v, _) in found.items()])
        out.append(f"| {title} | {unit} | " + " | ".join(cells) + f" | {exponent:.2f} | {why.get(key, '')} |")
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--work", default="target/bench")
    p.add_argument("--page", default="")
    p.add_argument("--run", default="")
    p.add_argument("--binary", default="target/release/shigu")
    args = p.parse_args()
    for rows in filter(None, args.run.split(",")):
        subprocess.run([sys.executable, str(HERE / "run.py"), "--rows", rows, "--peers", "none", "--short", "--binary", args.binary,
                        "--work", args.work, "--max-mb", "4000"], check=True)
    files = [json.loads(f.read_text()) for f in sorted(Path(args.work).glob("results-*.json"))]
    runs = {f["about"]["rows"]: f["results"] for f in files}
    if len(runs) < 2:
        raise SystemExit("growth needs the results of two sizes: --run 10000,100000")
    dates = sorted({f"{f['about']['rows']:,} rows {f['about']['date']} at {f['about']['commit']}" for f in files})
    loads = [r["load"] for f in files for r in f["results"].values()]
    lines = [
        f"> Written by `make bench-growth` (benches/http/growth.py): do not edit. {'; '.join(dates)}; load average {min(loads):.1f} to {max(loads):.1f}.",
        "",
        "Median of each workload of the first table over the same invented city with more rows. The slope is the exponent of the number of rows (least squares in",
        "logarithms): 0 where the cost does not depend on the rows, 1 where it grows as they do. Areas of the questions are the same in all sizes, so that an area",
        "holds ten times the rows in a city of ten times the rows.", "",
        *table(runs, json.loads(WHY.read_text()))]
    print("\n".join(lines))
    if args.page:
        report.parts.write(args.page, "## Growth", "\n".join(lines))


if __name__ == "__main__":
    main()
