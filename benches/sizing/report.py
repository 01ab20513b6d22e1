"""Writes what was measured and simulated: the part `## Sizing` of docs/benchmarks.md, and the tables of the guide's page on sizing in both languages."""
import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import mix
from simulate import HERE, Measured, Plan, Simulation, powers

ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT / "benches")]
import page  # noqa: E402

KEPT = 50  # versions of a city that keep their content, as `--keep-versions` has it
PROGRAM_GB = 0.3  # the program and what it keeps of answers
DRAWN_GB = 0.2  # at most of a picture or file
SPARE = 1.2
MACHINES = [2, 4, 8, 16, 24, 32, 48, 64, 96, 128]
DAYS = 250  # working days of a year


def size(zh, en, rows, cities, users, machines, cores):
    homes = min(2, machines)
    return {"zh": zh, "en": en, "users": users,
            "plan": Plan(rows=rows, cities=cities, machines=machines, cores=cores, homes=homes, memory_gb=1000, sessions=max(1.0, mix.at_the_peak(users)))}


SIZES = [
    size("一台笔记本电脑", "a laptop", 100_000, 1, 5, 1, 2),
    size("一个单位", "an office", 1_000_000, 1, 200, 1, 2),
    size("一座大城市", "a large city", 5_000_000, 1, 1_000, 2, 4),
    size("一个省", "a province", 12_000_000, 11, 2_000, 2, 4),
    size("几个省", "several provinces", 60_000_000, 100, 5_000, 2, 4),
    size("全国", "the nation", 180_000_000, 300, 10_000, 3, 4),
]


def thousands(n):
    return f"{n:,.0f}"


def short(n):
    """A figure as it is read: three digits, no noise."""
    if n is None:
        return "-"
    if n == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(n))))
    return f"{n:,.{min(digits, 3)}f}"


def up(n):
    """At least so many, whole."""
    return f"{max(1, math.ceil(n)):,}"


def figures(found, measured, plan, users):
    """What one size needs."""
    largest = powers(plan.cities, plan.rows_power)[0] * plan.rows
    data = sum(measured.memory(share * plan.rows) for share in powers(plan.cities, plan.rows_power)) / 1e9
    left = max(1, plan.machines - 1)  # one may be lost
    held = data * min(plan.homes, left) / left
    one = measured.cities[-1]
    publishing = (one["published"]["peak_mb"] - one["published"]["before_mb"]) / one["rows"] * 1.048576e-3 * largest
    needs = (held + PROGRAM_GB + publishing + plan.permits * DRAWN_GB) * SPARE
    version = one["disk"]["version_mb"] / one["rows"] * plan.rows / 1e3
    snapshot = one["disk"]["snapshot_mb"] / one["rows"] * plan.rows / 1e3
    entries = users * mix.SESSIONS * mix.SESSION / mix.THINK * sum(mix.WEIGHTS[k] for k in ("xlsx", "docx", "rows")) / sum(mix.WEIGHTS.values())
    return {"data": data, "held": held, "publishing": publishing, "memory": next(m for m in MACHINES if m >= needs), "version": version, "kept": version * KEPT,
            "disk": max(1.0, version + snapshot), "audit_day": entries * max(c.get("audit_bytes", 0) for c in measured.cities) / 1e6, **found}


def sized(measured):
    out = []
    for one in SIZES:
        found = Simulation(one["plan"], measured).run()
        out.append(figures(found, measured, one["plan"], one["users"]))
        print(f"{one['en']:18} {found['requests_s']:6.1f}/s cores {found['cores_busy']:.2f} page {found['page']} xlsx {found['kinds']['xlsx']}", flush=True)
    return out


def of_services(measured):
    lines = ["| processor ms of the service for one request | " + " | ".join(f"{thousands(c['rows'])} rows: first / again" for c in measured.cities) + " | kB of the answer, compressed |",
             "|---|" + "--:|" * (len(measured.cities) + 1)]
    for kind, title in mix.KINDS.items():
        cells = [f"{short(c['kinds'][kind]['first']['mean'])} / {short(c['kinds'][kind]['again']['mean'])}" for c in measured.cities]
        lines.append(f"| {title} | " + " | ".join(cells) + f" | {short(measured.cities[-1]['kinds'][kind]['bytes'] / 1e3)} |")
    return "\n".join(lines)


def of_cities(measured):
    rows = [
        ("resident MB after a start that loads columns", lambda c: c["loaded"]["mb"]),
        ("resident MB after all requests above", lambda c: c["memory"]["after_mb"]),
        ("start from the snapshot file: processor s", lambda c: c["from_snapshot"]["cpu_s"]),
        ("after that, the index of names: processor s", lambda c: c["from_snapshot"]["then_cpu_s"]),
        ("start from columns: processor s", lambda c: c["loaded"]["cpu_s"]),
        ("after that, the snapshot file too: processor s", lambda c: c["loaded"]["then_cpu_s"]),
        ("a whole table checked and published: processor s", lambda c: c["published"]["check_cpu_s"] + c["published"]["publish_cpu_s"]),
        ("resident MB more at most meanwhile", lambda c: c["published"]["peak_mb"] - c["published"]["before_mb"]),
        ("disk: a version, MB", lambda c: c["disk"]["version_mb"]),
        ("disk: the snapshot file, MB", lambda c: c["disk"]["snapshot_mb"]),
        ("database: bytes of an entry of the audit log", lambda c: c.get("audit_bytes")),
        ("processor of a second with nothing asked, s", lambda c: c["idle_cpu"]),
    ]
    lines = ["| what a city takes | " + " | ".join(f"{thousands(c['rows'])} rows" for c in measured.cities) + " |", "|---|" + "--:|" * len(measured.cities)]
    lines += [f"| {title} | " + " | ".join(short(of(c)) for c in measured.cities) + " |" for title, of in rows]
    return "\n".join(lines)


def of_several(measured):
    t = measured.found["several"]
    quick, _, then, _ = measured.load(t["rows"])
    return (f"{t['cities']} cities of {thousands(t['rows'])} rows in one process (`--cities`): another one takes {t['city_mb']:.0f} MB, and until its first answer {t['cpu_s']:.2f} s of processor from its snapshot file, {t['then_cpu_s']:.2f} s after it; "
            f"the simulation reckons with {measured.memory(t['rows']) / 1e6:.0f} MB (after all kinds of requests), {quick:.2f} s and {then:.2f} s.")


def of_session():
    a_minute = mix.a_minute()
    lines = ["| request | of one active user, a minute |", "|---|--:|"]
    lines += [f"| {title} | {a_minute[kind]:.2f} |" for kind, title in mix.KINDS.items()]
    return "\n".join(lines + [f"| all | {sum(a_minute.values()):.1f} |"])


def of_validation(validated, measured):
    lines = ["| users, request | n | p50 ms: real / simulated / simulated, the cores alone | p99 ms: real / simulated / simulated, the cores alone |", "|---|--:|--:|--:|"]
    for run in validated["runs"]:
        s = run["simulated"]
        seconds = sum(of["n"] for of in run["kinds"].values()) / run["requests_s"]
        costs = sum(of["n"] * measured.at(validated["rows"], lambda c, kind=kind: c["kinds"][kind]["again"]["mean"]) for kind, of in run["kinds"].items()) / 1e3 / seconds
        lines.append(f"| **{run['users']} users**: {run['requests_s']:.0f} requests/s, simulated {s['requests_s']:.0f}; processor {run['cores_busy']:.2f} cores, simulated {s['cores_busy']:.2f}, what was asked by its measured costs {costs:.2f}; "
                     f"the service got {run['speed']:.0%} of what it asked for | | | |")
        for kind in ["outlines", "tile", "filtered", "zone", "search", "drawn", "rows", "docx", "xlsx"]:
            a, b, c = run["kinds"][kind], s["kinds"][kind], run["alone"][kind]
            if a["n"] >= 10:
                lines.append(f"| {mix.KINDS[kind]} | {a['n']} | {short(a['p50'])} / {short(b['p50'])} / {short(c['p50'])} | {short(a['p99'])} / {short(b['p99'])} / {short(c['p99'])} |")
    return "\n".join(lines)


def of_variants(simulated):
    lines = ["| variant | requests/s | cores in use | busiest machine | page: p50 / p95 / p99 ms | XLSX: p50 / p95 s | waiting for a permit, p95 s | refused | cities loaded a minute | GB of data at a machine | MB/s to readers |",
             "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for name, v in simulated.items():
        p, x = v["page"], v["kinds"]["xlsx"]
        lines.append(f"| {name} | {v['requests_s']:,.0f} | {v['cores_busy']:.1f} of {v['plan']['machines'] * v['plan']['cores']} | {v['busiest']:.0%} | {short(p['p50'])} / {short(p['p95'])} / {short(p['p99'])} | "
                     f"{short(x['p50'] / 1e3)} / {short(x['p95'] / 1e3)} | {short(v['permit_wait']['p95'] / 1e3)} | {v['refused']} | {short(v['misses_min'])} | {v['memory_gb']:.1f} | {v['network_mb_s']:.0f} |")
    return "\n".join(lines)


HEADS = {
    "zh": (["规模", "用户", "机器", "每台内存 GB", "每台磁盘 GB"], ["规模", "对象存储 GB", "数据库 GB/年", "出口 Mbit/s", "高峰实用核数", "页面请求 p95 毫秒", "XLSX p95 秒"]),
    "en": (["size", "users", "machines", "memory of each, GB", "disk of each, GB"], ["size", "object store, GB", "database, GB a year", "out, Mbit/s", "cores used at the peak", "page p95, ms", "XLSX p95, s"]),
}


def of_sizes(found, lang):
    """Two tables, so that a phone shows them: what is bought, and what it holds and does."""
    rows = {"zh": lambda n: f"{n / 1e4:,.0f} 万行" if n < 1e8 else f"{n / 1e8:.1f} 亿行", "en": lambda n: f"{n / 1e6:g} M rows"}[lang]
    cities = {"zh": lambda n: f"、{n} 座城市" if n > 1 else "", "en": lambda n: f", {n} cities" if n > 1 else ""}[lang]
    machines = {"zh": lambda p: f"{p.machines} 台 × {p.cores} 核", "en": lambda p: f"{p.machines} x {p.cores} cores"}[lang]
    colon = {"zh": ":", "en": ": "}[lang]
    bought, does = ([f"| {' | '.join(head)} |", "|---" + "|--:" * (len(head) - 1) + "|"] for head in HEADS[lang])
    for one, f in zip(SIZES, found):
        p, x = one["plan"], f["kinds"]["xlsx"]["p95"]
        disk = f["disk"] + (0 if p.machines > 1 else f["kept"])
        bought.append(f"| {one[lang]}{colon}{rows(p.rows)}{cities(p.cities)} | {thousands(one['users'])} | {machines(p)} | {f['memory']} | {up(disk)} |")
        does.append(f"| {one[lang]} | {up(f['kept']) if p.machines > 1 else '-'} | {max(0.1, f['audit_day'] * DAYS / 1e3):.1f} | {up(f['network_mb_s'] * 8)} | "
                    f"{max(0.1, f['cores_busy']):.1f} | {short(f['page']['p95'])} | {short(x and x / 1e3)} |")
    between = {"zh": "对象存储与数据库由实测推算,其余为高峰时的模拟:", "en": "Object store and database follow from what was measured; the rest is simulated, at the peak:"}[lang]
    return "\n".join(bought) + f"\n\n{between}\n\n" + "\n".join(does)


def benchmarks(measured, simulated, validated):
    a = measured.found["about"]
    loads = f"load average {a['load'][0]} to {a['load'][1]}"
    return f"""> Written by `make bench-sizing` (benches/sizing): do not edit. Measured on {a['date']}, commit {a['commit']}, release build, {a['machine']}, {loads} by others: processor time of the service, not waiting.

**Measured**: one city (benches/http/data.py), published from a table, with accounts, asked by an administrator one request at a time; `first` is each question for the first time, `again` the same once more. Which
requests a step of the page makes was recorded in Chromium (benches/sizing/requests.json).

{of_services(measured)}

{of_cities(measured)}

{of_several(measured)}

**Assumed**: a session of {mix.SESSION / 60:.0f} minutes, {mix.THINK:.0f} s on average between the answers of a step and the next step; of 100 steps {", ".join(f"{n} {name}" for name, n in mix.WEIGHTS.items())}; {mix.SESSIONS} sessions of a user a day, of which
{mix.PEAK_HOUR:.0%} begin in the busiest hour (so that {mix.at_the_peak(10_000):,.0f} of 10,000 users are at work at once); one login a day; {mix.FIRST_LOADS:.0%} of page loads with an empty browser cache; {mix.ASKED_BEFORE:.0%} of questions asked before by anybody; a city publishes its
whole table once a day. That gives:

{of_session()}

**The simulation beside the service**: {validated['date']}, {validated['machine']}; one copy, one city of {thousands(validated['rows'])} rows, think time {validated['think']:g} s, everything asked before. Client, service and other builds share the cores, and the service ran at low priority. The
simulation is given what of a core the service got; it spreads that evenly over each request, where an operating system lets a short request run at once and a long one stand for a while. So it says too much of p50 and too little of p99 where
the machine is full of others' work; requests a second and processor time are what compares.

{of_validation(validated, measured)}

The parts of the simulation are held to theory within 3 % by `make bench-smoke` (benches/sizing/check.py): processors and permits to Erlang C, what is unloaded to Che's approximation.

**Simulated**: 180 M rows in 300 cities (the k-th has k^-0.5 of the rows and k^-0.9 of the users of the largest), {Plan.machines} machines of {Plan.cores} cores, a copy at each, each city at {Plan.homes} of them, as many permits for files and pictures at each copy, {Plan.fetch_mb_s:.0f} MB/s from the object store, {Plan.seconds:.0f} s of the busiest
hour. Rows above the largest size measured are carried on in logarithms. The network, the balancer and TLS are not in the times.

{of_variants(simulated)}
"""


def guide(found, measured, simulated, lang):
    a, one, nation = measured.found["about"], measured.cities[-1], found[-1]
    v = lambda name: simulated[name]
    base, twice, at_once, less = v("base"), v("twice the users"), v("all 10,000 at once"), v("memory for half of the cities' data")
    large, lost, empty = v("all 10,000 at once, six machines of eight cores"), v("a machine is lost"), v("all start empty")
    seconds = lambda spread: short(spread["p95"] / 1e3)
    refused = lambda run: f"{run['refused'] / (run['plan']['seconds'] / 60):.0f}"
    part = lambda run: run["refused"] / (run["refused"] + run["kinds"]["xlsx"]["n"] + run["kinds"]["docx"]["n"])
    little = lambda run: {"zh": "不到 1%", "en": "less than 1%"}[lang] if run["refused"] else {"zh": "零份", "en": "none"}[lang]
    of_all = lambda run: ({"zh": " ", "en": ""}[lang] + f"{part(run):.0%}") if part(run) >= 0.01 else little(run)
    slowest = math.ceil(max(run["page"]["p99"] for run in [base, twice, at_once, large]))
    most = Plan(cores=64).permits
    row, publish = measured.row_bytes(), nation["publishing"] * 1e6 / (powers(300, Plan.rows_power)[0] * 180e6)
    if lang == "zh":
        return f"""{a['date']}。**实测**:每种请求的处理器时间、每行内存、每个版本的磁盘(发布版程序,1 万、10 万、100 万行)。**模拟**:核数、等待时间、出口流量。**假设**:用户怎样使用,城市大小怎样分布。三者分别列在源代码 `docs/benchmarks.md` 的 Sizing 一节。

{of_sizes(found, lang)}

- 用户指有帐户并每天使用的人,不是同时在线的人:每人每天 {mix.SESSIONS} 次、每次 {mix.SESSION / 60:.0f} 分钟,其中 {mix.PEAK_HOUR:.0%} 始于最忙的一小时,10,000 人中约 {mix.at_the_peak(10_000):,.0f} 人同时使用;每 {mix.THINK:.0f} 秒一步,每人每分钟 {sum(mix.a_minute().values()):.0f} 次请求(页面每一步的请求在浏览器中记录)。
- 内存:每行 {row:.0f} 字节(实测);整表发布时另需每行约 {publish:.2f} KB(实测),按最大的城市计算;每核一张图片或一份文件各 0.2 GB;再加五分之一余量。多台时,少一台也装得下全部城市。
- 磁盘:每百万行一个版本 {one['disk']['version_mb']:.0f} MB,快照文件 {one['disk']['snapshot_mb']:.0f} MB(实测)。默认保留 {KEPT} 个版本,单台时在本机,多台时在对象存储;`--keep-versions` 可减少。
- 数据库只有一项明显增长:导出与查看受限记录的审计记录。另需 PostgreSQL 两台、etcd 三台、HAProxy 一至两台,见[多台机器](cluster.md);2 核 4 GB 的机器是假设,没有测过其负荷。
- 模拟不含网络、HAProxy 与 TLS 的时间。
- 300 座城市同在 PostgreSQL 与对象存储之上见[多个城市](cities.md);由 HAProxy 按对照表把每座城市送到其中两台机器,各台内存里就只有要看的城市。

```
use_backend %[path,field(3,/),map(/etc/haproxy/cities.map)]
```

### 最先不够的是什么

1. **导出**。一份服务同时生成的文件或图片与核数相同(2 至 {most});大城市一个区的 XLSX 有十万行以上,要几秒处理器时间。10,000 用户的高峰时,导出等待许可的 p99 为 {short(base['permit_wait']['p99'] / 1e3)} 秒(无论核数只许两份时 p95 为 {seconds(v('two permits a copy')['permit_wait'])} 秒);用户加倍时等待的 p95 为 {seconds(twice['permit_wait'])} 秒,每分钟拒绝 {refused(twice)} 份(503、504,占{of_all(twice)}),处理器用了 {twice['busy']:.0%}。10,000 人同时使用时,3 台 4 核拒绝{of_all(at_once)},6 台 8 核拒绝{of_all(large)}。页面请求不受影响:p99 始终在 {slowest} 毫秒以内。
2. **内存**。全部城市的数据共 {nation['data']:.0f} GB,高峰时每座城市都有人看。只装得下一半时,每分钟重新载入 {less['misses_min']:,.0f} 次,处理器用到 {less['busy']:.0%},页面请求 p99 由 {short(base['page']['p99'])} 毫秒升至 {short(less['page']['p99'] / 1e3)} 秒。
3. **处理器**。高峰时共用 {base['cores_busy']:.1f} 核,其中导出占大半:导出减为四分之一时为 {v('a quarter of the exports')['cores_busy']:.1f} 核。

一台机器丢失时,其城市由另一台接着答,{lost['asked_again']} 个进行中的请求重问一次,页面请求 p99 {short(lost['page']['p99'])} 毫秒;导出等待许可的 p95 为 {seconds(lost['permit_wait'])} 秒,每分钟拒绝 {refused(lost)} 份。全部机器同时从空盘启动时,前 {empty['last_refused_s'] / 60:.1f} 分钟内等待载入的请求过多,{empty['refused']:,} 个被拒绝(503);逐台启动可避免(均为模拟)。

重做:`make bench-sizing`。改假设:`benches/sizing/mix.py` 与 `simulate.py` 中的 `Plan`。"""
    return f"""{a['date']}. **Measured**: processor time of each kind of request, memory of a row, disk of a version (release build; 10,000, 100,000 and a million rows). **Simulated**: cores, times with waiting, traffic. **Assumed**: how people use the page, how large cities are. Each stands apart in `docs/benchmarks.md` of the source, under Sizing.

{of_sizes(found, lang)}

- Users are people with an account who use it every day, not those who are there at once: {mix.SESSIONS} sessions of {mix.SESSION / 60:.0f} minutes each, {mix.PEAK_HOUR:.0%} of them begin in the busiest hour, so that some {mix.at_the_peak(10_000):,.0f} of 10,000 are at work at once; a step every {mix.THINK:.0f} s, {sum(mix.a_minute().values()):.0f} requests a minute (those of each step were recorded in a browser).
- Memory: {row:.0f} bytes a row (measured); while a whole table is published some {publish:.2f} kB a row besides (measured), here for the largest city; 0.2 GB for a picture or file of each core; and a fifth to spare. Of several machines one may be lost, and the others hold all cities.
- Disk: of a million rows a version takes {one['disk']['version_mb']:.0f} MB and the snapshot file {one['disk']['snapshot_mb']:.0f} MB (measured). {KEPT} versions are kept unless `--keep-versions` says fewer: on the machine where there is one, else in the object store.
- What grows in the database is the audit log of exports and of rows with restricted values. Two machines for PostgreSQL, three for etcd and one or two for HAProxy come on top, see [several machines](cluster.md); 2 cores and 4 GB for each are an assumption, their load was not measured.
- The time of the network, of HAProxy and of TLS is not in the simulation.
- 300 cities over PostgreSQL and an object store: see [several cities](cities.md). HAProxy sends each city to two of the machines by a table, so that each has only cities in memory that are looked at there.

```
use_backend %[path,field(3,/),map(/etc/haproxy/cities.map)]
```

### What gives way first

1. **Exports.** A copy makes as many files or pictures at once as it has cores (2 to {most}), and the XLSX of a district of a large city has some 100,000 rows and takes seconds of a core. At the peak of 10,000 users the p99 of waiting for a permit is {short(base['permit_wait']['p99'] / 1e3)} s (with two permits whatever the cores, the p95 was {seconds(v('two permits a copy')['permit_wait'])} s). With twice the users the p95 is {seconds(twice['permit_wait'])} s, and {refused(twice)} a minute are refused (503, 504; {of_all(twice)} of them) while {twice['busy']:.0%} of the processors are in use. With all 10,000 at once, three machines of four cores refuse {of_all(at_once)}, six of eight cores {of_all(large)}. Requests of the page do not suffer: their p99 stays below {slowest} ms.
2. **Memory.** The data of all cities take {nation['data']:.0f} GB, and at the peak somebody looks at each. Where half of them fit, {less['misses_min']:,.0f} a minute are loaded again, {less['busy']:.0%} of the processors are in use, and p99 of the page's requests goes from {short(base['page']['p99'])} ms to {short(less['page']['p99'] / 1e3)} s.
3. **Processors.** {base['cores_busy']:.1f} cores are in use at the peak, most of them for exports: with a quarter of these {v('a quarter of the exports')['cores_busy']:.1f}.

When a machine is lost, the others answer for its cities: {lost['asked_again']} requests under way are asked again, p99 of the page's requests is {short(lost['page']['p99'])} ms, p95 of waiting for a permit {seconds(lost['permit_wait'])} s, and {refused(lost)} exports a minute are refused. When all start at once with empty disks, too many requests wait for cities to be loaded in the first {empty['last_refused_s'] / 60:.1f} minutes, and {empty['refused']:,} are refused (503): start one machine after the other (all simulated).

To repeat it: `make bench-sizing`. To assume otherwise: `benches/sizing/mix.py`, and `Plan` in `simulate.py`."""


def main():
    measured = Measured()
    simulated, validated = (json.loads((HERE / name).read_text(encoding="utf-8")) for name in ["simulated.json", "validated.json"])
    page.write(ROOT / "docs/benchmarks.md", "## Sizing", benchmarks(measured, simulated, validated))
    found = sized(measured)
    page.write(ROOT / "docs/guide/zh/admin/sizing.md", "## 按行数与用户数配置机器", guide(found, measured, simulated, "zh"))
    page.write(ROOT / "docs/guide/en/admin/sizing.md", "## Machines by rows and users", guide(found, measured, simulated, "en"))


if __name__ == "__main__":
    main()
