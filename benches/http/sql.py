"""What the SQL engines share: a filter as a WHERE clause, rows of (cluster, count, sum) as an answer."""


def where(conditions, mark="%s"):
    """-> (" and column op mark" for each, the values)"""
    conditions = conditions or []
    return "".join(f" and {c} {op} {mark}" for c, op, _ in conditions), [v for _, _, v in conditions]


def groups(rows):
    clusters = {name: [n, float(s)] for name, n, s in rows}
    return {"count": sum(n for n, _ in clusters.values()), "sum": sum(s for _, s in clusters.values()), "clusters": clusters}


def by_district(rows):
    """Rows of (district, cluster, count, sum, median)."""
    out = {}
    for district, cluster, n, total, median in rows:
        out.setdefault(str(district), {})[cluster] = [n, float(total), float(median)]
    return out
