"""A lean HTTP/1.1 client for loopback: one kept-alive connection, one request at a time, the time of each."""
import gzip
import select
import socket
import time

HOST = "127.0.0.1"


class Client:
    def __init__(self, port, timeout=60):
        self.port, self.timeout, self.socket = port, timeout, None

    def connect(self):
        self.socket = socket.create_connection((HOST, self.port), self.timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def ask(self, request):
        """Sends prepared bytes. -> (status, head, body, milliseconds from first byte out to last byte in)"""
        # the server closes a connection on which nothing was asked for a while: the plain scan takes longer than that
        if self.socket and select.select([self.socket], [], [], 0)[0]:
            self.close()
        if self.socket is None:
            self.connect()
        try:
            return self._ask(request)
        except OSError:
            self.close()
            raise

    def _ask(self, request):
        s, began = self.socket, time.perf_counter()
        s.sendall(request)
        buffer = s.recv(1 << 18)
        while (end := buffer.find(b"\r\n\r\n")) < 0:
            buffer += more(s)
        head, body = buffer[:end].lower(), buffer[end + 4:]
        if (at := head.find(b"content-length:")) >= 0:
            line = head.find(b"\r", at)
            want = int(head[at + 15:line if line >= 0 else None])
            parts, got = [body], len(body)
            while got < want:
                parts.append(more(s))
                got += len(parts[-1])
            body = b"".join(parts)
        elif b"transfer-encoding: chunked" in head:
            while not body.endswith(b"0\r\n\r\n"):
                body += more(s)
        ms = (time.perf_counter() - began) * 1e3
        if b"transfer-encoding: chunked" in head:
            body = unchunk(body)
        if b"content-encoding: gzip" in head:
            body = gzip.decompress(body)
        return int(head[9:12]), head, body, ms


def more(s):
    data = s.recv(1 << 20)
    if not data:
        raise ConnectionError("the server closed the connection")
    return data


def unchunk(body):
    out, at = [], 0
    while True:
        end = body.index(b"\r\n", at)
        size = int(body[at:end].split(b";")[0], 16)
        if size == 0:
            return b"".join(out)
        out.append(body[end + 2:end + 2 + size])
        at = end + 2 + size + 2


def get(path, gzipped=False):
    """The bytes of a GET."""
    encoding = "Accept-Encoding: gzip\r\n" if gzipped else ""
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\n{encoding}\r\n".encode()


def post(path, body):
    """The bytes of a POST of JSON."""
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body
