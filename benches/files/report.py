"""Writes the part of the page about files out and in."""
import statistics

HEADING = "## Files out and in"

# of `perf record` over the job of a million rows, on the machine of the page; to be looked up again where the job changes
LEFT = ["Where the time of the job over a million enterprises goes (perf, 2026-11-30; 10.5 s of processor for 39 files of 127 MB, before it 13.1 s): rows of the "
        "workbooks 40 % (DEFLATE 17 %, reading the columns by id 16 %, XML 8 %), dense areas, hexagons and density 14 %, sums 5 %, pictures 6 %, copies of the font "
        "files 4 %, the kernel 14 % (each byte is written twice, as a file and in the ZIP, and synced; pages of large buffers). DEFLATE of the same bytes, the kernel, "
        "pictures and fonts are 4.3 s of processor, 2.2 s on two cores: that is the bound for these very files. Above it stand reading rows in the order of their ids (31 "
        "million values that lie apart, 50 ns each) and the analyses of each district, which share nothing with those of another."]


def n(v):
    return f"{v:,.0f}" if v >= 100 else f"{v:.3g}"


def verdict(figure, most):
    return "yes" if figure <= most else f"no: {n(figure / most)}x"


def ratio(name, seconds, ours):
    return "" if seconds is None else f"{name} {n(seconds)} s ({n(seconds / ours)}x)"


def rows(r):
    """Lines: what, ours, target, met, what a planner does instead."""
    office, hand, few, many = r["office"], r["matplotlib"], r["summaries"], r["large"]
    singles = few["singles"]
    slowest, middle, all_s = max(singles), statistics.median(singles), few["all_s"]
    by_hand = hand and {"one": statistics.median(hand["each"]), "all": hand["s"]}
    yield ("one district: DOCX + XLSX + PDF, nothing asked before", f"**{n(middle)} s**, slowest of {len(singles)} {n(slowest)} s", "1 s", verdict(slowest, 1),
           [ratio("LibreOffice, DOCX to PDF alone", office["one_s"], middle), ratio("python-docx + matplotlib + openpyxl, no PDF", by_hand and by_hand["one"], middle)])
    yield (f"all {len(singles)} districts x 3 formats as one job, {3 * len(singles)} files and a ZIP", f"**{n(all_s)} s**, peak {n(few['peak_mb'])} MB (at rest {n(r['rest_mb'])})", "6 s", verdict(all_s, 6),
           [ratio("LibreOffice, 13 DOCX to PDF alone", office["all_s"], all_s), ratio("python-docx + matplotlib + openpyxl, no PDF", by_hand and by_hand["all"], all_s)])
    yield ("the same on the command line, start and loading included", f"**{n(r['command_s'])} s**", "6 s", verdict(r["command_s"], 6), [])
    yield (f"the same job over {r['many']['rows']:,} enterprises; one district: median of {len(many['singles'])}", f"**{n(many['all_s'])} s**, one district {n(statistics.median(many['singles']))} s, peak {n(many['peak_mb'])} MB",
           "5 s, one district 0.4 s", verdict(max(many["all_s"] / 5, statistics.median(many["singles"]) / 0.4), 1), [])
    f = r["faulty"]
    yield (f"Excel of {f['rows']:,} rows ({f['mb']:.1f} MB) with {f['found']} planted faults of 12 kinds: sent, read, checked", f"**{n(f['sent_s'] + f['check_s'])} s**, all {f['found']} found with their rows, peak {n(f['peak_mb'])} MB", "5 s", verdict(f["sent_s"] + f["check_s"], 5),
           [ratio("pandas.read_excel, reading alone", r["read_excel"] and r["read_excel"]["s"], f["sent_s"] + f["check_s"])])
    yield ("the same: published as a version, packed, synced to the disk, served", f"**{n(f['commit_s'])} s**", "3 s", verdict(f["commit_s"], 3), [])
    m, other = r["many"], r["read_csv"]
    yield (f"CSV of {m['rows']:,} rows ({m['mb']:,.0f} MB): sent, read, checked, published", f"**{n(m['sent_s'] + m['check_s'])} s** + {n(m['commit_s'])} s, processor {n(m['check_cpu_s'])} s + {n(m['commit_cpu_s'])} s, peak {n(m['peak_mb'])} MB (before {n(m['before_mb'])})", "6 s, 400 MB", verdict(max((m["sent_s"] + m["check_s"] + m["commit_s"]) / 6, m["peak_mb"] / 400), 1),
           [ratio("pandas.read_csv, reading alone", other and other["s"], m["sent_s"] + m["check_s"]) + (f", peak {n(other['mb'])} MB" if other else "")])


def text(about, r):
    out = [f"> Written by `make bench-files` (benches/files): do not edit. {about['date']}, {about['version']}, commit {about['commit']}, release build; {about['machine']}, "
           f"load average {min(about['loads']):.1f} to {max(about['loads']):.1f}.", "",
           "Ours over HTTP on loopback as the page asks for it (the command line where that is said), with the built-in city of 5,000 sample enterprises. "
           "What a planner would do instead ran in the same minutes on the same files; starts of Python and its imports are not counted, LibreOffice's start is.", "",
           "| what | ours | target | met | instead |", "|---|---|---|---|---|"]
    for what, ours, target, met, instead in rows(r):
        out.append(f"| {what} | {ours} | {target} | {met} | {'<br>'.join(i for i in instead if i) or '-'} |")
    return "\n".join([*out, "", *LEFT])
