"""What the operating system says: CPU seconds and memory of a process, load, and what machine this is (Linux)."""
import os
import platform
import statistics
import time

TICK = os.sysconf("SC_CLK_TCK")


def cpu(pid):
    """User and system seconds of a process and all its children."""
    children, used = {}, {}
    for p in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{p}/stat") as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(p))
        used[int(p)] = sum(map(int, fields[11:15])) / TICK  # with children that ended
    todo, total = [pid], 0.0
    while todo:
        p = todo.pop()
        total += used.get(p, 0)
        todo += children.get(p, [])
    return total


def cpu_fine(pid):
    """Seconds on the CPU of one process's threads, to the nanosecond (threads that ended are not in it)."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as f:
                total += int(f.read().split()[0])
        except OSError:
            continue
    return total / 1e9


def memory(pid, which="VmRSS"):
    """Resident megabytes; `VmHWM` for the peak."""
    with open(f"/proc/{pid}/status") as f:
        for line in f:
            if line.startswith(which + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def processor(pid):
    """Seconds of all its threads, user and system: what a load beside it hardly changes."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load():
    return os.getloadavg()[0]


def describe():
    with open("/proc/meminfo") as f:
        gigabytes = int(f.readline().split()[1]) / 1e6
    model = ""
    with open("/proc/cpuinfo") as f:
        for line in f:
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{os.cpu_count()} cores ({model or platform.machine()}), {gigabytes:.0f} GB, {platform.system()} {platform.release()}"


def today():
    return time.strftime("%Y-%m-%d")


def quantile(values, p):
    values = sorted(values)
    return values[min(len(values) - 1, int(p * len(values)))]


def spread(values):
    """p50 and p99 (the largest where there are fewer than a hundred)."""
    return {"p50": statistics.median(values), "p99": quantile(values, 0.99), "n": len(values)}
