"""A client of Session Manager's data channel: what session-manager-plugin says, by hand."""

import base64
import hashlib
import json
import os
import socket
import struct
import time
import uuid
from urllib.parse import urlsplit

BYTES, SIZE, HANDSHAKE_REQUEST, HANDSHAKE_RESPONSE, HANDSHAKE_COMPLETE, FLAG, EXIT_CODE = 1, 3, 5, 6, 7, 10, 12
TERMINATE = 2


class WebSocket:
    """RFC 6455, as far as it is needed."""

    def __init__(self, url):
        parts = urlsplit(url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=20)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {parts.path}?{parts.query} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.stream = self.socket.makefile("rb")
        assert b" 101 " in self.stream.readline()
        headers = {}
        while (line := self.stream.readline()) != b"\r\n":
            name, value = line.decode().split(":", 1)
            headers[name.lower()] = value.strip()
        expected = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        assert headers["sec-websocket-accept"] == base64.b64encode(expected).decode()

    def send(self, payload, opcode):
        length = len(payload)
        head = bytes([0x80 | opcode])
        if length < 126:
            head += bytes([0x80 | length])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", length)
        mask = os.urandom(4)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def receive(self):
        """The next message; None once the other side has closed."""
        head = self.stream.read(2)
        if len(head) < 2:
            return None
        opcode, length = head[0] & 0x0F, head[1] & 0x7F
        if length == 126:
            [length] = struct.unpack(">H", self.stream.read(2))
        elif length == 127:
            [length] = struct.unpack(">Q", self.stream.read(8))
        payload = self.stream.read(length)
        return None if opcode == 8 else payload

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.stream.close()
        self.socket.close()


class Session:
    """A session that ExecuteCommand has answered with, opened, with its handshake done."""

    def __init__(self, session, drop_first=False, encrypts=None):
        """`encrypts`: what is said when a data key is asked for: one that KMS has encrypted, or that there is none."""
        self.id = session["sessionId"]
        self.open(session["streamUrl"], session["tokenValue"])
        self.number = 0
        self.expected = 0
        self.printed = b""
        self.closed = None
        self.agent = None
        self.is_ready = False
        self.drop_first = drop_first
        self.encrypts = encrypts
        while not self.is_ready and self.closed is None:
            self.turn()

    def open(self, url, token):
        """Connects; also again, when the connection broke."""
        self.socket = WebSocket(url)
        opening = {
            "MessageSchemaVersion": "1.0",
            "RequestId": str(uuid.uuid4()),
            "TokenValue": token,
            "ClientId": str(uuid.uuid4()),
            "ClientVersion": "1.2.650.0",
        }
        self.socket.send(json.dumps(opening).encode(), 1)

    def turn(self):
        """Takes one message; False once there are no more."""
        raw = self.socket.receive()
        if raw is None:
            return False
        [header] = struct.unpack(">I", raw[:4])
        kind = raw[4:36].decode().strip("\0 ")
        number, flags = struct.unpack(">qQ", raw[48:64])
        message_id = uuid.UUID(bytes=raw[72:80] + raw[64:72])
        payload_kind, length = struct.unpack(">II", raw[112:120])
        payload = raw[header + 4 :]
        assert header == 116 and len(payload) == length
        assert hashlib.sha256(payload).digest() == raw[80:112]
        if kind == "channel_closed":
            self.closed = json.loads(payload)
        elif kind == "output_stream_data":
            if payload_kind == BYTES and self.drop_first:
                # As the plugin does that is not ready yet.
                self.drop_first = False
                return True
            self.acknowledge(kind, message_id, number)
            assert number <= self.expected
            if number == self.expected:
                self.expected += 1
                self.take(payload_kind, payload, flags)
        return True

    def take(self, payload_kind, payload, flags):
        if payload_kind == HANDSHAKE_REQUEST:
            assert flags & 1, "the first message of a stream says so"
            self.agent = json.loads(payload)
            done = [self.process(action["ActionType"]) for action in self.agent["RequestedClientActions"]]
            response = {"ClientVersion": "1.2.650.0", "ProcessedClientActions": done, "Errors": None}
            self.send(HANDSHAKE_RESPONSE, json.dumps(response).encode())
        elif payload_kind == HANDSHAKE_COMPLETE:
            assert json.loads(payload)["CustomerMessage"] == ""
            self.is_ready = True
        elif payload_kind == BYTES:
            self.printed += payload
        else:
            raise AssertionError(f"payload of kind {payload_kind}: {payload}")

    def process(self, action):
        done = {"ActionType": action, "ActionStatus": 1, "ActionResult": None, "Error": ""}
        if action == "KMSEncryption":
            if self.encrypts:
                done["ActionResult"] = {"KMSCipherTextKey": base64.b64encode(self.encrypts).decode()}
            else:
                done |= {"ActionStatus": 2, "Error": "Failed to process action KMSEncryption: no key"}
        return done

    def message(self, kind, number, payload_kind, payload):
        new = uuid.uuid4().bytes
        return (
            struct.pack(">I", 116)
            + kind.encode().ljust(32)
            + struct.pack(">IQqQ", 1, int(time.time() * 1000), number, 0)
            + new[8:]
            + new[:8]
            + hashlib.sha256(payload).digest()
            + struct.pack(">II", payload_kind, len(payload))
            + payload
        )

    def send(self, payload_kind, payload):
        self.socket.send(self.message("input_stream_data", self.number, payload_kind, payload), 2)
        self.number += 1

    def acknowledge(self, kind, message_id, number):
        payload = {
            "AcknowledgedMessageType": kind,
            "AcknowledgedMessageId": str(message_id),
            "AcknowledgedMessageSequenceNumber": number,
            "IsSequentialMessage": True,
        }
        self.socket.send(self.message("acknowledge", 0, 0, json.dumps(payload).encode()), 2)

    def type(self, text):
        self.send(BYTES, text.encode())

    def resize(self, columns, rows):
        self.send(SIZE, json.dumps({"cols": columns, "rows": rows}).encode())

    def terminate(self):
        self.send(FLAG, struct.pack(">I", TERMINATE))

    def until(self, text):
        """Reads until it was printed; gives everything since the last time."""
        while text.encode() not in self.printed:
            assert self.turn(), f"{text!r} did not come, but {self.printed!r}"
        printed, self.printed = self.printed.decode(), b""
        return printed

    def to_the_end(self):
        """Everything that is printed until the channel is closed."""
        while self.closed is None:
            assert self.turn(), f"no word of the end, but {self.printed!r}"
        assert self.closed["SessionId"] == self.id and self.closed["MessageType"] == "channel_closed"
        self.socket.close()
        return self.printed.decode()
