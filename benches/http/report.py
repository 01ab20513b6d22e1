"""Writes the page: every workload with ours, the peers of the same run, the ratios, the target, and why where it is missed."""


def line(key, r):
    return f"{key}: {r['ours']} | {r['peers']}"[:400]


def write(page, about, results):
    pass
