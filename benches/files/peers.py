"""What a planner does instead, each as a program of its own: `python peers.py KIND ARGUMENTS` prints seconds and peak megabytes.
Their imports are not counted, which favours them."""
import json
import resource
import sys
import time


def read_workbook(path):
    import pandas
    began = time.perf_counter()
    rows = len(pandas.read_excel(path))
    return time.perf_counter() - began, {"rows": rows}


def read_text(path):
    import pandas
    began = time.perf_counter()
    rows = len(pandas.read_csv(path, encoding="utf-8-sig"))
    return time.perf_counter() - began, {"rows": rows}


def summaries(register, districts, folder, *codes):
    """A page of Word with a map, a chart and a table, and a workbook of the firms, for each district."""
    import docx
    import geopandas
    import matplotlib
    matplotlib.use("agg")
    import matplotlib.pyplot as plt
    firms, areas = geopandas.read_file(register), geopandas.read_file(districts)
    began = time.perf_counter()
    each = []
    for code in codes:
        start = time.perf_counter()
        area = areas[areas["adcode"].astype(str) == code]
        inside = firms[firms.within(area.geometry.union_all())]
        by = inside.groupby("cluster").agg(firms=("cluster", "size"), revenue=("revenue_2025", "sum")).reset_index()
        figure, (left, right) = plt.subplots(1, 2, figsize=(8, 4))
        area.boundary.plot(ax=left)
        inside.plot(ax=left, column="cluster", markersize=4)
        by.plot.bar(x="cluster", y="firms", ax=right)
        figure.savefig(f"{folder}/{code}.png", dpi=150)
        plt.close(figure)
        paper = docx.Document()
        paper.add_heading(code)
        paper.add_paragraph(f"{len(inside)}")
        paper.add_picture(f"{folder}/{code}.png")
        table = paper.add_table(rows=1, cols=3)
        for _, row in by.iterrows():
            for cell, value in zip(table.add_row().cells, row):
                cell.text = str(value)
        paper.save(f"{folder}/{code}.docx")
        inside.drop(columns="geometry").to_excel(f"{folder}/{code}.xlsx", index=False)
        each.append(time.perf_counter() - start)
    return time.perf_counter() - began, {"each": each}


if __name__ == "__main__":
    seconds, more = globals()[sys.argv[1]](*sys.argv[2:])
    print(json.dumps({"s": seconds, "mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024} | more))
