"""Measures files out and files in through the real program, and writes their part of docs/benchmarks.md.

    python3 benches/files/run.py [--page docs/benchmarks.md] [--python INTERPRETER WITH openpyxl pandas geopandas python-docx matplotlib]

Out: a district's summary and all thirteen in DOCX, XLSX and PDF. In: 50,000 rows of Excel with twelve kinds of planted fault, and a
million rows of CSV. LibreOffice is used where it is installed."""
import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).parent
sys.path[1:1] = [str(HERE.parent), str(HERE.parent / "http")]
import machine  # noqa: E402
import page  # noqa: E402
import report  # noqa: E402
import tables  # noqa: E402

FORMATS = ["docx", "xlsx", "pdf"]
CITY = HERE.parent.parent / "geodata/hangzhou"


class Server:
    """`shigu serve` with the built-in city and a data folder."""

    def __init__(self, binary, folder, log):
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        command = [binary, "serve", "--data-dir", folder, "--listen", f"127.0.0.1:{self.port}"]
        with open(log, "ab") as f:
            self.process = subprocess.Popen(command, stdout=f, stderr=f)
        while True:
            try:
                self.ask("GET", "/readyz")
                return
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"shigu ended at its start, see {log}")
                time.sleep(0.01)

    def ask(self, method, path, body=None, kind="application/json", expect=(200, 201, 202, 204)):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        head = {} if body is None else {"Content-Type": kind, "Content-Length": str(os.fstat(body.fileno()).st_size if hasattr(body, "fileno") else len(body))}
        connection.request(method, path, body, head)
        answer = connection.getresponse()
        out = answer.read()
        connection.close()
        if answer.status not in expect:
            raise SystemExit(f"{method} {path}: {answer.status} {out[:400]!r}")
        return out

    def json(self, *ask, **more):
        return json.loads(self.ask(*ask, **more))

    def memory(self, which="VmHWM"):
        return machine.memory(self.process.pid, which)

    def processor(self):
        return machine.processor(self.process.pid)

    def forget_peak(self):
        """The kernel's peak begins anew."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def until(server, path, busy):
    while True:
        told = server.json("GET", path)
        if told["state"] not in busy:
            return told
        time.sleep(0.01)


def peer(python, *arguments):
    """A program of peers.py; none where its packages are not installed."""
    ran = subprocess.run([python, str(HERE / "peers.py"), *map(str, arguments)], capture_output=True, text=True)
    if ran.returncode:
        print(f"  not measured: {arguments[0]}: {ran.stderr.strip().splitlines()[-1]}", flush=True)
        return None
    return json.loads(ran.stdout.splitlines()[-1])


def converted(files, out):
    """LibreOffice makes PDFs of DOCX files, in one start of the program."""
    office = shutil.which("soffice")
    if not office:
        return None
    began = time.perf_counter()
    subprocess.run([office, f"-env:UserInstallation=file://{out}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(out), *map(str, files)],
                   check=True, capture_output=True)
    seconds = time.perf_counter() - began
    made = len(list(Path(out).glob("*.pdf")))
    assert made == len(files), f"{made} of {len(files)}"
    return seconds


def summaries(server, codes, work):
    """Each district in three formats, nothing of it asked before; then all thirteen as one job."""
    server.forget_peak()
    singles, papers = [], []
    for code in codes:
        began = time.perf_counter()
        files = {f: server.ask("GET", f"/report/{code}?format={f}") for f in FORMATS}
        singles.append(time.perf_counter() - began)
        papers.append(work / f"{code}.docx")
        papers[-1].write_bytes(files["docx"])
    began = time.perf_counter()
    job = server.json("POST", "/reports", json.dumps({"zones": "districts", "formats": FORMATS}))
    job = until(server, f"/reports/{job['id']}", ("queued", "running"))
    seconds = time.perf_counter() - began
    assert job["state"] == "finished" and len(job["files"]) == 3 * len(codes), job
    return {"singles": singles, "all_s": seconds, "peak_mb": server.memory()}, papers


def brought_in(server, file, options=None):
    """Sent, checked, published: seconds of each, of the processor too, peak memory, the report."""
    server.forget_peak()
    before, busy, began = server.memory("VmRSS"), server.processor(), time.perf_counter()
    with open(file, "rb") as f:
        told = server.json("POST", f"/imports?file={quote(file.name)}", f, "application/octet-stream")
    sent, path = time.perf_counter(), f"/imports/{told['id']}"
    server.ask("POST", path + "/check", json.dumps(options))
    told = until(server, path, ("checking",))
    checked, check_busy = time.perf_counter(), server.processor()
    assert told["state"] == "checked", told.get("refusal") or told
    version = server.json("POST", path + "/publish", "{}")
    done, commit_busy = time.perf_counter(), server.processor()
    return {"check_cpu_s": check_busy - busy, "commit_cpu_s": commit_busy - check_busy, "mb": file.stat().st_size / 1e6, "sent_s": sent - began, "check_s": checked - sent, "commit_s": done - checked,
            "before_mb": before, "peak_mb": server.memory(), "version": version["number"]}, told["outcome"]


def faults_found(outcome, planted):
    """Every planted fault is in the report, kind by kind and as often as it was planted; kept ones with their rows."""
    counted = {t["code"]: t["count"] for t in outcome["tallies"]}
    counted["word-new"] = sum(w["count"] for w in outcome["new_words"])
    for code, rows in planted.items():
        assert counted.get(code) == len(rows), (code, counted.get(code), len(rows))
        kept = {f["row"] for f in outcome["findings"] if f["code"] == code}
        assert code == "word-new" or kept == set(rows), (code, sorted(kept ^ set(rows))[:5])
        assert all(f["message"]["zh"] for f in outcome["findings"])
    return sum(map(len, planted.values()))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--binary", default="target/release/shigu")
    p.add_argument("--python", default="")
    p.add_argument("--rows", type=int, default=50_000, help="of Excel")
    p.add_argument("--many", type=int, default=1_000_000, help="of CSV")
    p.add_argument("--each", type=int, default=50, help="faults of each kind")
    p.add_argument("--page", default="", help="the page whose part is written; default: none")
    args = p.parse_args()
    venv = Path("target/bench/venv/bin/python")
    python = args.python or (str(venv) if venv.exists() else sys.executable)
    codes = [f["id"] for f in json.loads((CITY / "districts.geojson").read_text())["features"]]
    register = CITY / "enterprises.geojson"
    os.makedirs("target/bench", exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="files-", dir="target/bench") as work:
        work = Path(work).resolve()
        rows = list(tables.sound(args.rows, register))
        planted = tables.plant(rows, args.each)
        book, many = work / "faults.xlsx", work / "many.csv"
        # the interpreter that has openpyxl writes it, from the rows as JSON
        (work / "rows.json").write_text(json.dumps(rows))
        subprocess.run([python, "-c", f"import sys, json; sys.path.insert(0, {str(HERE)!r}); import tables; "
                        f"tables.workbook({str(book)!r}, json.load(open({str(work / 'rows.json')!r})))"], check=True)
        tables.text(many, tables.sound(args.many, register, 7))
        print(f"data: {book.stat().st_size / 1e6:.1f} MB of Excel, {many.stat().st_size / 1e6:.0f} MB of CSV", flush=True)
        loads = [machine.load()]
        server = Server(args.binary, str(work / "data"), work / "server.log")
        try:
            result = {"rest_mb": server.memory("VmRSS")}
            result["summaries"], papers = summaries(server, codes, work)
            print(f"summaries: {result['summaries']}", flush=True)
            result["faulty"], outcome = brought_in(server, book)
            result["faulty"] |= {"rows": len(rows), "found": faults_found(outcome, planted)}
            print(f"Excel: {result['faulty']}", flush=True)
            result["many"], outcome = brought_in(server, many)
            assert outcome["counts"]["rows"] == args.many and outcome["counts"]["problem"] == 0, outcome["counts"]
            result["many"]["rows"] = args.many
            print(f"CSV: {result['many']}", flush=True)
            loads.append(machine.load())
            result["large"], _ = summaries(server, codes, work)
            print(f"summaries of {args.many}: {result['large']}", flush=True)
        finally:
            server.stop()
        began = time.perf_counter()
        subprocess.run([args.binary, "export", "--all-districts", "--formats", ",".join(FORMATS), "--out", str(work / "out")], check=True, capture_output=True)
        result["command_s"] = time.perf_counter() - began
        assert len(list((work / "out").glob("*.pdf"))) == len(codes)
        (work / "one").mkdir(), (work / "all").mkdir(), (work / "peer").mkdir()
        result["office"] = {"one_s": converted(papers[:1], work / "one"), "all_s": converted(papers, work / "all")}
        result["matplotlib"] = peer(python, "summaries", register, CITY / "districts.geojson", work / "peer", *codes)
        result["read_excel"] = peer(python, "read_workbook", book)
        result["read_csv"] = peer(python, "read_text", many)
        loads.append(machine.load())
    about = {"date": machine.today(), "machine": machine.describe(), "loads": loads,
             "version": subprocess.run([args.binary, "--version"], capture_output=True, text=True, check=True).stdout.strip(),
             "commit": subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip() or "unknown"}
    Path("target/bench/files.json").write_text(json.dumps({"about": about, "result": result}, indent=1))
    print(json.dumps({k: result[k] for k in ("command_s", "office", "matplotlib", "read_excel", "read_csv")}, indent=1))
    if args.page:
        page.write(args.page, report.HEADING, report.text(about, result))
        print(f"wrote {args.page}")


if __name__ == "__main__":
    main()
