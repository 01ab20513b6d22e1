#!/usr/bin/env python3
"""A whole cluster on one machine, of Debian's packages: three etcd, two PostgreSQL under Patroni, an S3 server, three copies of Shigu and
HAProxy before them, each a process of its own, with the files beside this one. To try what the guide says of several machines; everything lies
in a temporary folder and ends with this program.

    deploy/cluster/cluster.py PROGRAM [--geodata DIR]     PROGRAM has the features postgres and objects
"""

import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
HOST = "127.0.0.1"
WAIT = 120


class Failed(Exception):
    pass


def free_ports(count):
    """Ports that nobody has now; other programs may take one before it is used, which the program that wanted it then says."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in sockets]


def until(what, test, seconds=WAIT):
    """Waits until `test` gives something, and gives that; the seconds are for a loaded machine."""
    end = time.monotonic() + seconds
    while True:
        found = test()
        if found:
            return found
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.05)


def ask(port, path, method="GET", body=None, headers=None, timeout=60, source=HOST):
    """One request on a connection of its own: status, headers, body."""
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout, source_address=(source, 0))
    try:
        connection.request(method, path, body=body, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def ready(port, path):
    try:
        return ask(port, path, timeout=5)[0] == 200
    except (OSError, http.client.HTTPException):
        return False


class Machine:
    """What would be a machine of its own: processes that end together."""

    def __init__(self, cluster, name):
        self.cluster, self.name, self.process = cluster, name, None
        self.folder = cluster.folder / name
        self.folder.mkdir()
        self.log = cluster.folder / f"{name}.log"

    def spawn(self, command, environment=None, user=None):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                env={**os.environ, **(environment or {})},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                start_new_session=True,
                **({"user": user, "group": user, "extra_groups": []} if user else {}),
            )

    def alive(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended with {self.process.returncode}: {self.log.read_text()[-2000:]}")
        return True

    def kill(self):
        """As if the power went."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """As a supervisor does."""
        self.process.terminate()
        self.process.wait(60)


class Etcd(Machine):
    def __init__(self, cluster, name, client, peer, members):
        super().__init__(cluster, name)
        self.client, self.peer, self.members = client, peer, members

    def start(self):
        peer, client = f"http://{HOST}:{self.peer}", f"http://{HOST}:{self.client}"
        self.spawn(
            ["etcd", "--name", self.name, "--data-dir", self.folder / "data", "--listen-client-urls", client]
            + ["--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer]
            + ["--initial-cluster", self.members, "--initial-cluster-token", "shigu"]
        )


class Database(Machine):
    """PostgreSQL under Patroni."""

    def __init__(self, cluster, name, port, rest, etcd):
        super().__init__(cluster, name)
        self.port, self.rest, self.etcd = port, rest, etcd
        self.data = self.folder / "data"

    def start(self):
        user = "postgres" if os.geteuid() == 0 else None
        # the server's user may not read where the source lies
        shutil.copy(HERE / "patroni.yml", self.folder / "config.yml")
        if user:
            shutil.chown(self.folder, user, user)
        bin_dir = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
        of = self.cluster.passwords
        environment = {
            "PATRONI_NAME": self.name,
            "PATRONI_ETCD3_HOSTS": ",".join(f"{HOST}:{port}" for port in self.etcd),
            "PATRONI_RESTAPI_LISTEN": f"{HOST}:{self.rest}",
            "PATRONI_RESTAPI_CONNECT_ADDRESS": f"{HOST}:{self.rest}",
            "PATRONI_POSTGRESQL_LISTEN": f"{HOST}:{self.port}",
            "PATRONI_POSTGRESQL_CONNECT_ADDRESS": f"{HOST}:{self.port}",
            "PATRONI_POSTGRESQL_DATA_DIR": str(self.data),
            "PATRONI_POSTGRESQL_BIN_DIR": str(bin_dir),
            "PATRONI_POSTGRESQL_PGPASS": str(self.folder / "pgpass"),
            "PATRONI_SUPERUSER_USERNAME": "postgres",
            "PATRONI_SUPERUSER_PASSWORD": of["postgres"],
            "PATRONI_REPLICATION_USERNAME": "replicator",
            "PATRONI_REPLICATION_PASSWORD": of["replicator"],
            "LC_ALL": "C.UTF-8",
        }
        self.spawn(["patroni", "config.yml"], environment, user)

    def is_primary(self):
        return ready(self.rest, "/primary")

    def follows(self):
        """Whether it follows the primary and has all that was acknowledged."""
        return ready(self.rest, "/synchronous")

    def postmaster(self):
        with contextlib.suppress(OSError, ValueError):
            return int((self.data / "postmaster.pid").read_text().split("\n")[0])

    def kill(self):
        # the server is no child of Patroni's session
        server = self.postmaster()
        super().kill()
        children = subprocess.run(["pgrep", "-P", str(server)], capture_output=True, text=True).stdout if server else ""
        for process in [server, *map(int, children.split())] if server else []:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)


class ObjectStore(Machine):
    """moto, which speaks S3 and keeps everything in memory: for trying only."""

    def __init__(self, cluster, port, program):
        super().__init__(cluster, "s3")
        self.port, self.program = port, program

    def start(self):
        self.spawn([self.program, "-H", HOST, "-p", self.port])
        until("the S3 server", lambda: self.alive() and self.bucket())

    def bucket(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return ask(self.port, "/shigu", "PUT")[0] == 200


class Copy(Machine):
    """A copy of Shigu."""

    def __init__(self, cluster, name, port):
        super().__init__(cluster, f"shigu-{name}")
        self.port = port

    def start(self, wait=True):
        self.spawn(self.cluster.serve(self.port, self.folder / "data"), self.cluster.settings())
        if wait:
            until(self.name, lambda: self.alive() and ready(self.port, "/readyz"))


    def claim(self):
        """The token of the first administrator's link, which each copy writes into its log."""
        found = re.search(r"claim=([0-9a-f]+)", self.log.read_text())
        if not found:
            raise Failed(f"no link for the first administrator: {self.log.read_text()[-2000:]}")
        return found[1]


class Balancer(Machine):
    def __init__(self, cluster, port, copies):
        super().__init__(cluster, "haproxy")
        self.port, self.copies = port, copies

    def start(self):
        addresses = {f"SHIGU_{name}": f"{HOST}:{port}" for name, port in zip("ABC", self.copies)}
        self.spawn(["haproxy", "-db", "-f", HERE / "haproxy.cfg"], {"SHIGU_BIND": f"{HOST}:{self.port}", **addresses})
        until("HAProxy", lambda: self.alive() and ready(self.port, "/readyz"))


class Cluster:
    def __init__(self, program, geodata=None, moto=None):
        for needed in ["etcd", "patroni", "haproxy"]:
            if not shutil.which(needed):
                raise Failed(f"{needed} is needed: apt-get install etcd-server patroni python3-etcd postgresql haproxy")
        self.program, self.geodata = pathlib.Path(program).resolve(), geodata and pathlib.Path(geodata).resolve()
        self.temporary = tempfile.TemporaryDirectory(prefix="shigu-cluster-", ignore_cleanup_errors=True)
        self.folder = pathlib.Path(self.temporary.name)
        # the server's folder is in it, and the server is another user
        self.folder.chmod(0o755)
        self.passwords = {name: secrets.token_urlsafe(12) for name in ["postgres", "replicator", "shigu"]}
        ports = iter(free_ports(15))
        clients, peers = [[next(ports) for _ in range(3)] for _ in range(2)]
        names = [f"etcd-{n}" for n in (1, 2, 3)]
        members = ",".join(f"{name}=http://{HOST}:{peer}" for name, peer in zip(names, peers))
        self.etcd = [Etcd(self, name, *both, members) for name, *both in zip(names, clients, peers)]
        self.databases = [Database(self, f"postgresql-{n}", next(ports), next(ports), clients) for n in (1, 2)]
        self.objects = ObjectStore(self, next(ports), moto or HERE.parents[1] / "target/s3/bin/moto_server")
        self.copies = [Copy(self, name, next(ports)) for name in "abc"]
        self.balancer = Balancer(self, next(ports), [copy.port for copy in self.copies])
        self.port = self.balancer.port

    def machines(self):
        return [*self.etcd, *self.databases, self.objects, *self.copies, self.balancer]

    def address(self, user="shigu", database="shigu"):
        hosts = ",".join(f"{HOST}:{one.port}" for one in self.databases)
        more = "target_session_attrs=read-write&connect_timeout=2"
        return f"postgres://{user}:{self.passwords[user]}@{hosts}/{database}?{more}"

    def settings(self):
        """The environment of a copy."""
        return {
            "SHIGU_DATABASE": self.address(),
            "SHIGU_OBJECTS": "s3://shigu/city",
            "AWS_ENDPOINT_URL": f"http://{HOST}:{self.objects.port}",
            "AWS_REGION": "cn-east-1",
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "NO_COLOR": "1",
        }

    def serve(self, port, data):
        return self.serve_of(["--geodata", self.geodata] if self.geodata else [], port, data)

    def serve_of(self, what, port, data):
        public = f"http://{HOST}:{self.port}"
        return [self.program, "serve", "--listen", f"{HOST}:{port}", "--data-dir", data, "--accounts", "--allow-anonymous"] + [
            "--public-url", public, *what]  # fmt: skip

    def primary(self):
        return next((one for one in self.databases if one.is_primary()), None)

    def standby(self):
        """The one that would take over; none while the primary does not wait for it, or etcd does not know of it yet."""
        if not (self.primary() and self.sql("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'")):
            return None
        return next((one for one in self.databases if one.follows()), None)

    def is_settled(self, seconds=5):
        """Whether primary and standby stay what they are for longer than a round of Patroni's takes."""
        first = self.primary(), self.standby()
        time.sleep(seconds)
        return all(first) and first == (self.primary(), self.standby())

    def sql(self, statement, database="postgres"):
        primary = until("a primary", self.primary)
        address = f"postgres://postgres:{self.passwords['postgres']}@{HOST}:{primary.port}/{database}"
        done = subprocess.run(["psql", "-v", "ON_ERROR_STOP=1", "-qAt", address, "-c", statement], capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"{statement}: {done.stderr}")
        return done.stdout.strip()

    def start(self):
        for one in self.etcd:
            one.start()
        until("etcd", lambda: all(one.alive() and ready(one.client, "/health") for one in self.etcd))
        for one in self.databases:
            one.start()
        self.objects.start()
        until("a primary", lambda: all(one.alive() for one in self.databases) and self.primary())
        until("a standby that has everything", self.standby)
        self.sql(f"CREATE ROLE shigu LOGIN PASSWORD '{self.passwords['shigu']}'")
        self.sql("CREATE DATABASE shigu OWNER shigu")
        # all at once: the first makes the tables, the others wait
        for one in self.copies:
            one.start(wait=False)
        for one in self.copies:
            until(one.name, lambda one=one: one.alive() and ready(one.port, "/readyz"))
        self.balancer.start()

    def stop(self):
        for one in reversed(self.machines()):
            if one.process:
                one.kill()
        self.temporary.cleanup()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--geodata")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: exit(0))
    try:
        with Cluster(args.program, args.geodata) as cluster:
            print(f"http://{HOST}:{cluster.port}/?claim={cluster.copies[0].claim()}  # the first administrator", flush=True)
            for one in cluster.machines():
                print(json.dumps({"machine": one.name, "process": one.process.pid, "log": str(one.log)}), flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except Failed as e:
        raise SystemExit(f"cluster: {e}")


if __name__ == "__main__":
    main()
