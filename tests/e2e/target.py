"""A target with a will: `target.py PORT NAME` answers as the path asks, also as no good server would.

It is started in a network namespace of Neargate's by vpc.py, and does without any framework, so that
a test sees exactly what came over the wire and can say exactly what goes back.
"""

import json
import socket
import sys
import threading
import time
from urllib.parse import parse_qs, urlsplit

PORT, NAME = int(sys.argv[1]), sys.argv[2]
state = {"healthy": True, "checks": 0}


def read_head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None, b""
        data += part
    head, rest = data.split(b"\r\n\r\n", 1)
    return head.decode("latin-1").split("\r\n"), rest


def answer(connection, body, status="200 OK", headers=()):
    if not isinstance(body, bytes):
        body = body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    connection.sendall("\r\n".join(lines).encode("latin-1") + body)


def respond(connection, peer, lines, rest):
    """One request. True when the connection may be used again."""
    method, target, _ = lines[0].split(" ")
    headers = [line.split(": ", 1) if ": " in line else [line.rstrip(":"), ""] for line in lines[1:]]
    length = next((int(v) for k, v in headers if k.lower() == "content-length"), 0)
    while len(rest) < length:
        rest += connection.recv(65536)
    url, query = urlsplit(target), parse_qs(urlsplit(target).query)
    if url.path == "/health":
        state["checks"] += 1
        answer(connection, "ok" if state["healthy"] else "sick", "200 OK" if state["healthy"] else "500 No")
    elif url.path == "/sick":
        state["healthy"] = False
        answer(connection, "")
    elif url.path == "/well":
        state["healthy"] = True
        answer(connection, "")
    elif url.path == "/reset":
        return False
    elif url.path == "/garbage":
        connection.sendall(b"this is no HTTP\r\n\r\n")
        return False
    elif url.path == "/huge-head":
        answer(connection, "", headers=[f"X-{n}: {'x' * 1000}" for n in range(40)])
    elif url.path == "/slow":
        time.sleep(float(query["s"][0]))
        answer(connection, NAME)
    elif url.path == "/status":
        answer(connection, "", f"{query['code'][0]} Asked For")
    elif url.path == "/cookie":
        answer(connection, NAME, headers=["Set-Cookie: app=1"])
    else:
        seen = {
            "target": NAME,
            "method": method,
            "path": target,
            "headers": headers,
            "body": rest[:length].decode("latin-1"),
            "peer": peer[0],
        }
        answer(connection, json.dumps(seen), headers=["Content-Type: application/json"])
    return True


def serve(connection, peer):
    with connection:
        again = True
        while again:
            lines, rest = read_head(connection)
            if lines is None:
                return
            again = respond(connection, peer, lines, rest)


listener = socket.create_server(("0.0.0.0", PORT), backlog=128)
print("listening", flush=True)
while True:
    accepted = listener.accept()
    threading.Thread(target=serve, args=accepted, daemon=True).start()
