"""Opens the files of `shigu export` with other programs and compares them with /summary.

Needs python-docx, openpyxl, LibreOffice (writer, calc) and poppler's pdftotext; `make reports` installs them.
"""
import json, pathlib, re, shutil, socket, subprocess, sys, tempfile, time, urllib.request, zipfile

import docx
import openpyxl

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIGU = ROOT / "target/debug/shigu"
ZONES = ["330110", "330127", "city", "P13"]


def run(*command, **more):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=300, **more)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def grouped(value, decimals=0):
    return f"{value:,.{decimals}f}"


def totals(summary):
    """What every form must say: count, revenue, and the clusters'."""
    revenue = summary["totals"]["revenue"]["sum"]
    yield grouped(summary["counts"]["matched"])
    if revenue is not None:
        yield grouped(revenue, 2)
    for row in summary["clusters"]:
        if row["count"] and row["amounts"]["revenue"]["sum"] is not None:
            yield grouped(row["amounts"]["revenue"]["sum"], 2)


def word(path, summary):
    paper = docx.Document(path)
    styles = [p.style.name for p in paper.paragraphs]
    assert paper.paragraphs[0].style.name == "Title" and styles.count("Heading 1") >= 6, styles
    section = paper.sections[0]
    size = [round(v.mm) for v in (section.page_width, section.page_height, section.top_margin, section.left_margin)]
    assert size == [210, 297, 37, 28], size
    rows = [[c.text for c in r.cells] for r in paper.tables[0].rows]
    said = {cell for row in rows for cell in row}
    for figure in totals(summary):
        assert figure in said, f"{path.name}: no {figure} in table 1"
    assert rows[-1][0] == "合计" and rows[-1][1] == grouped(summary["counts"]["matched"])
    assert len(paper.inline_shapes) >= 2, "map and chart"
    assert all(s.width.mm <= 156.1 for s in paper.inline_shapes)
    fonts = {s.name: s.element.rPr.rFonts.get("{http://schemas.openxmlformats.org/wordprocessingml/2006/main}eastAsia")
             for s in paper.styles if getattr(s.element, "rPr", None) is not None and s.element.rPr.rFonts is not None}
    assert fonts["Title"] == "方正小标宋简体" and fonts["Heading 1"] == "黑体" and fonts["Table Text"] == "仿宋_GB2312", fonts
    header = section.header.paragraphs[0].text
    assert "示例数据" in header and "内部资料 未经审图" in header, header


def excel(path, summary):
    for values in (True, False):
        book = openpyxl.load_workbook(path, data_only=values)
        sheet = book["集群"]
        heads = [c.value for c in sheet[1]]
        total = next(r for r in sheet.iter_rows() if r[0].value == "合计")
        column = heads.index("营业收入(万元)")
        cell = total[column].value
        if values:
            want = summary["totals"]["revenue"]["sum"]
            assert (cell is None and want is None) or abs(cell - want) < 0.005, (path.name, cell, want)
            assert total[1].value == summary["counts"]["matched"]
        elif summary["counts"]["matched"]:
            assert str(cell).startswith("=SUM("), cell
        assert sheet.freeze_panes == "A2"
    assert book["企业"].freeze_panes == "C2"
    with zipfile.ZipFile(path) as z:
        charts = [n for n in z.namelist() if n.startswith("xl/charts/chart")]
    assert len(charts) >= (2 if summary["counts"]["matched"] else 1), charts


def recalculated(folder, path, summary):
    """LibreOffice works the formulas out anew."""
    run("soffice", "--headless", f"-env:UserInstallation=file://{folder}/office", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2", "--outdir", folder, path)
    text = next(folder.glob("*集群*.csv")).read_text()
    total = next(line for line in text.splitlines() if line.startswith("合计"))
    assert str(summary["counts"]["matched"]) in total.replace(",", "").replace('"', "") or grouped(summary["counts"]["matched"]) in total, total
    for file in folder.glob("*.csv"):
        file.unlink()


def pdf(path, summary):
    text = run("pdftotext", "-layout", path, "-")
    for figure in totals(summary):
        assert figure in text, f"{path.name}: no {figure}"
    assert "示例数据" in text and "内部资料 未经审图" in text and "�" not in text
    fonts = run("pdffonts", path).splitlines()[2:]
    assert fonts and all(" yes yes yes " in re.sub(r"\s+", " ", line) for line in fonts), "every face inside, subset, with its text"
    # a title that's drawn with a halo is found once
    assert text.count("云城人工智能") <= 3


def converted(folder, path, pages):
    began = time.monotonic()
    run("soffice", "--headless", f"-env:UserInstallation=file://{folder}/office", "--convert-to", "pdf", "--outdir", folder, path)
    out = folder / (path.stem + ".pdf")
    took = time.monotonic() - began
    count = int(re.search(r"Pages:\s+(\d+)", run("pdfinfo", out)).group(1))
    assert pages[0] <= count <= pages[1], f"{path.name}: {count} pages"
    out.unlink()
    return took


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def main():
    if not shutil.which("soffice"):
        sys.exit("LibreOffice is missing: make reports installs it")
    base = f"http://127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        server = subprocess.Popen(
            [SHIGU, "serve", "--listen", base[7:], "--geodata", ROOT / "geodata/hangzhou"], env={"SHIGU_LOG": "error"}
        )
        try:
            for _ in range(200):
                try:
                    urllib.request.urlopen(f"{base}/readyz")
                    break
                except OSError:
                    assert server.poll() is None, "the server did not start"
                    time.sleep(0.1)
            began = time.monotonic()
            out = folder / "out"
            run(SHIGU, "export", "--geodata", ROOT / "geodata/hangzhou", "--zone", ",".join(ZONES), "--formats", "docx,xlsx,pdf", "--out", out)
            print(f"{len(ZONES)} zones in three forms: {time.monotonic() - began:.1f} s", flush=True)
            for zone in ZONES:
                summary = json.load(urllib.request.urlopen(f"{base}/summary?zone={zone}"))
                prefix = "全市" if zone == "city" else summary["zone"]["name"]
                paths = {kind: next(p for p in out.glob(f"*.{kind}") if p.name.startswith(prefix)) for kind in ("docx", "xlsx", "pdf")}
                word(paths["docx"], summary)
                excel(paths["xlsx"], summary)
                recalculated(folder, paths["xlsx"], summary)
                pdf(paths["pdf"], summary)
                took = converted(folder, paths["docx"], (3, 9))
                print(f"{prefix}: ok; LibreOffice takes {took:.1f} s to open the DOCX and print it", flush=True)
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    try:
        main()
    except AssertionError as e:
        sys.exit(f"FAILED: {e}")
