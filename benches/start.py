#!/usr/bin/env python3
"""From the start of the provider's process to its first token, and its resident memory then: medians of 20 starts.

    benches/start.py target/release/grantcheck serve
    benches/start.py target/release/reference-server
"""

import socket
import statistics
import subprocess
import sys
import time

BODY = "grant_type=client_credentials&scope=read&client_id=app&client_secret=app-secret-6f1d2c9a8b7e4f50"
REQUEST = (
    "POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    f"Content-Length: {len(BODY)}\r\nConnection: close\r\n\r\n{BODY}"
).encode()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answer(port):
    """The first answer of the server, as soon as it listens."""
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port)) as stream:
                stream.sendall(REQUEST)
                return stream.recv(65536)
        except ConnectionRefusedError:
            time.sleep(0.0001)


def resident(pid):
    lines = open(f"/proc/{pid}/status").read().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


def start(command):
    """Milliseconds to the first token, and MiB."""
    port = free_port()
    begun = time.perf_counter()
    server = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        assert b"access_token" in answer(port)
        return (time.perf_counter() - begun) * 1000, resident(server.pid)
    finally:
        server.kill()
        server.wait()


starts = [start(sys.argv[1:]) for _ in range(20)]
milliseconds, mebibytes = (statistics.median(column) for column in zip(*starts))
print(f"first token after {milliseconds:.1f} ms, {mebibytes:.1f} MiB resident (medians of {len(starts)})")
