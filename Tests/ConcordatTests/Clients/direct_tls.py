"""TLS from the first byte, as PostgreSQL 17's clients may begin; without naming the protocol, nobody is served."""
import json
import os
import socket
import ssl
import struct


def answer(protocols):
    context = ssl.create_default_context(cafile=os.environ["PGSSLROOTCERT"])
    if protocols:
        context.set_alpn_protocols(protocols)
    address = (os.environ["PGHOST"], int(os.environ["PGPORT"]))
    with socket.create_connection(address) as plain:
        with context.wrap_socket(plain, server_hostname=os.environ["PGHOST"]) as secure:
            body = struct.pack("!I", 3 << 16 | 2) + b"user\0" + os.environ["PGUSER"].encode() + b"\0\0"
            secure.sendall(struct.pack("!I", len(body) + 4) + body)
            return secure.recv(100)


hello = answer(["postgresql"])
assert hello[:1] == b"R" and b"SCRAM-SHA-256-PLUS" in hello, hello
try:
    refused = answer([])
except (ssl.SSLError, ConnectionError):
    refused = b""
assert refused == b"", refused

# Nothing is answered in the clear.
with socket.create_connection((os.environ["PGHOST"], int(os.environ["PGPORT"]))) as plain:
    body = struct.pack("!I", 3 << 16) + b"user\0x\0\0"
    plain.sendall(struct.pack("!I", len(body) + 4) + body)
    fault = plain.recv(500)
assert fault[:1] == b"E" and b"28000" in fault, fault
print(json.dumps({}))
