"""A peer runs in a process of its own (with its own Python, which may have packages that ours has not) and answers lines of
JSON. Child: `python peer.py MODULE CONFIG`. Parent: `Peer`. A peer's module has `Engine(csv, geojson, scratch)` with
`versions`, `process` (whose CPU time counts), `mb()` and a method for each question it can answer."""
import importlib
import json
import subprocess
import sys
import time

import machine


class Missing(Exception):
    """Not installed; says what is missing."""


class Peer:
    def __init__(self, module, python, csv, geojson, scratch, only=()):
        config = {"csv": str(csv), "geojson": str(geojson), "scratch": str(scratch)}
        self.module, self.only = module, only
        self.child = subprocess.Popen([python, "-W", "ignore", __file__, module, json.dumps(config)],
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.about = self._read()
        if "missing" in self.about:
            self.child.wait()
            raise Missing(self.about["missing"])
        self.name, self.ops = self.about["name"], self.about["ops"]

    def _read(self):
        line = self.child.stdout.readline()
        if not line:
            raise Missing(f"{self.module} ended without an answer")
        return json.loads(line)

    def run(self, op, args):
        """-> (answer, milliseconds)"""
        print(json.dumps({"op": op, "args": args}), file=self.child.stdin, flush=True)
        said = self._read()
        if "error" in said:
            raise SystemExit(f"{self.name}, {op}: {said['error']}")
        return said["answer"], said["ms"]

    def cpu(self):
        return machine.cpu(self.about["process"])

    def stop(self):
        self.child.stdin.close()
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()


def serve(module, config):
    out, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints stays out of the answers
    say = lambda value: print(json.dumps(value, ensure_ascii=False), file=out, flush=True)
    try:
        began = time.perf_counter()
        engine = importlib.import_module(module).Engine(**config)
    except (ImportError, Missing) as e:
        return say({"missing": str(e)})
    ops = [m for m in dir(engine) if not m.startswith("_") and callable(getattr(engine, m)) and m not in ("mb", "stop")]
    say({"name": engine.name, "versions": engine.versions, "process": engine.process, "ops": ops,
         "load_s": time.perf_counter() - began, "mb": engine.mb(), "note": getattr(engine, "note", "")})
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            began = time.perf_counter()
            answer = getattr(engine, asked["op"])(*asked["args"])
            ms = (time.perf_counter() - began) * 1e3
            say({"answer": answer if not callable(answer) else answer(), "ms": ms})
        except Exception as e:  # the parent ends the run and says why
            say({"error": f"{type(e).__name__}: {e}"})
    engine.stop()


if __name__ == "__main__":
    serve(sys.argv[1], json.loads(sys.argv[2]))
