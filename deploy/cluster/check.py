#!/usr/bin/env python3
"""What of this folder can be tried without machines: the compose file by docker-compose, the units and what is added to Debian's own by
systemd-analyze, HAProxy's file by HAProxy, the settings by the program. What a tool is missing for is said and left out.

    deploy/cluster/check.py [PROGRAM]
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
UNITS = HERE / "systemd"
OF_DEBIAN = pathlib.Path("/lib/systemd/system")


def run(command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **more)
    return done.returncode, (done.stdout + done.stderr).strip()


def held(what, command, **more):
    code, said = run(command, **more)
    if code:
        raise SystemExit(f"{what}: {said[-2000:]}")
    print(f"holds: {what}")
    return said


def compose():
    tool = shutil.which("docker-compose") or shutil.which("podman-compose")
    if not tool:
        return print("left out: compose.yml, there is no docker-compose")
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder, "deploy/cluster")
        place.mkdir(parents=True)
        shutil.copy(HERE / "compose.yml", place)
        (place / ".env").write_text("POSTGRES_PASSWORD=a\nREPLICATOR_PASSWORD=b\nSHIGU_PASSWORD=c\nPUBLIC_URL=http://localhost\n")
        text = held("compose.yml", [tool, "config"], cwd=place)
        (place / ".env").write_text("POSTGRES_PASSWORD=a\n")
        code, said = run([tool, "config"], cwd=place)
        if code == 0 or "in .env" not in said:
            raise SystemExit("compose.yml: a password that is missing is not missed")
    # what is in the environment of HAProxy is what its file reads, and of Patroni what the head of its file names
    read = set(re.findall(r"\$\{(\w+)\}", (HERE / "haproxy.cfg").read_text()))
    if missing := [name for name in read if f"{name}:" not in text]:
        raise SystemExit(f"compose.yml: HAProxy has no {missing}")
    named = set(re.findall(r"PATRONI_\w+", (HERE / "patroni.yml").read_text()))
    if missing := [name for name in named if f"{name}:" not in text]:
        raise SystemExit(f"compose.yml: Patroni has no {missing}")
    print("holds: what HAProxy and Patroni read of their environment")


def units():
    if not shutil.which("systemd-analyze"):
        return print("left out: systemd, there is no systemd-analyze")
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        shutil.copytree(UNITS, place, dirs_exist_ok=True)
        tried = [place / "shigu-backup.service", place / "shigu-backup.timer"]
        # the program is not installed where this is tried
        for unit in [HERE.parent / "shigu.service", UNITS / "shigu@.service"]:
            (place / unit.name).write_text(unit.read_text().replace("ExecStart=/usr/bin/shigu ", "ExecStart=/bin/true "))
            tried.append(place / unit.name.replace("@", "@a"))
        shutil.copy(place / "shigu@.service", place / "shigu@a.service")
        for added in sorted(UNITS.glob("*.service.d")):
            unit = added.name.removesuffix(".d")
            if (OF_DEBIAN / unit).exists():
                shutil.copy(OF_DEBIAN / unit, place)
                tried.append(place / unit)
            else:
                print(f"left out: {unit}, which is not installed")
        for unit in tried:
            said = held(unit.name, ["systemd-analyze", "verify", "--man=no", unit], env={**os.environ, "SYSTEMD_UNIT_PATH": f"{place}:"})
            # a key that systemd does not know is a warning only
            if said:
                raise SystemExit(f"{unit.name}: {said}")


def haproxy():
    if not shutil.which("haproxy"):
        return print("left out: haproxy.cfg, there is no HAProxy")
    places = {name: "127.0.0.1:9" for name in ["SHIGU_BIND", "SHIGU_A", "SHIGU_B", "SHIGU_C"]}
    held("haproxy.cfg", ["haproxy", "-c", "-q", "-f", HERE / "haproxy.cfg"], env={**os.environ, **places})


def settings(program):
    """Every variable SHIGU_ of the compose file is one of the program's."""
    known = set(re.findall(r"\[env: (\w+)", held("the program's flags", [program, "serve", "--help"])))
    for name in set(re.findall(r"^ +(SHIGU_\w+):", (HERE / "compose.yml").read_text(), re.M)) - {"SHIGU_PASSWORD", "SHIGU_BIND", "SHIGU_A", "SHIGU_B", "SHIGU_C"}:
        if name not in known:
            raise SystemExit(f"compose.yml: the program knows no {name}")
    print("holds: the program knows each setting of the compose file")


def main():
    compose()
    units()
    haproxy()
    if len(sys.argv) > 1:
        settings(sys.argv[1])


if __name__ == "__main__":
    main()
