"""Receivers of syslog that count, for tests/scenario/syslog_out."""
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

SRC, BIN = sys.argv[1:3]
KIT = os.path.join(BIN, "tests/output-kit/output-kit")
WAIT = 60
RECORD = re.compile(
    rb'<8[2-6]>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [!-~]+ stsentry - finding - '
    rb'(\{"id":"kit",.*\})', re.S)


def fail(text):
    sys.exit(f"syslog_out: {text}")


class Receiver:
    """Takes connections, or datagrams, and keeps the messages."""

    def __init__(self, family, kind, address, framing, context=None, first=None):
        self.messages = []
        self.bad = []
        self.connections = 0
        self.framing = framing
        self.context = context
        self.first = first
        self.lock = threading.Condition()
        self.socket = socket.socket(family, kind)
        self.socket.bind(address)
        self.kind = kind
        if kind == socket.SOCK_STREAM:
            self.socket.listen(16)
        self.address = self.socket.getsockname()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        if self.kind == socket.SOCK_DGRAM:
            while True:
                self.take(self.socket.recv(1 << 20))
        while True:
            c, _ = self.socket.accept()
            self.connections += 1
            threading.Thread(target=self.serve, args=(c, self.connections), daemon=True).start()

    def serve(self, c, number):
        try:
            if self.context:
                c = self.context.wrap_socket(c, server_side=True)
            if number == 1 and self.first:
                self.first(self, c)
                return
            self.read(c)
        except (OSError, ssl.SSLError):
            pass
        finally:
            c.close()

    def read(self, c):
        data = b""
        while True:
            more = c.recv(1 << 16)
            if not more:
                break
            data = self.cut(data + more)
        if data:
            self.bad.append(data[:80])

    def cut(self, data):
        while data:
            if self.framing == "lf":
                line, lf, rest = data.partition(b"\n")
                if not lf:
                    return data
            else:
                digits, blank, rest = data.partition(b" ")
                if not blank:
                    return data
                n = int(digits)
                if len(rest) < n:
                    return data
                line, rest = rest[:n], rest[n:]
            self.take(line)
            data = rest
        return b""

    def take(self, message):
        found = RECORD.fullmatch(message)
        with self.lock:
            if found:
                self.messages.append(found.group(1))
            else:
                self.bad.append(message[:200])
            self.lock.notify_all()

    def wait_for(self, n):
        with self.lock:
            return self.lock.wait_for(lambda: len(self.messages) >= n, WAIT)


def kit(output, status=0):
    done = subprocess.run([KIT, output], capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != status:
        fail(f"{output}: the kit ended with {done.returncode}\n{done.stdout}{done.stderr}")
    found = re.search(r"(\d+) records were given", done.stdout)
    return int(found.group(1)) if found else 0, done.stdout + done.stderr


def check(name, receiver, output):
    given, _ = kit(output)
    if not receiver.wait_for(given):
        fail(f"{name}: {len(receiver.messages)} of {given} came; {receiver.bad[:3]}")
    if receiver.bad:
        fail(f"{name}: no message of ours: {receiver.bad[:3]}")
    print(f"{name}: {given} given, {len(receiver.messages)} came, {receiver.connections} connections")


def certs(folder):
    make = os.path.join(BIN, "tests/tools/make_certs")
    for args in (["ca", "ca"], ["siem", "issuer=ca", "san=DNS:localhost,IP:127.0.0.1", "server"],
                 ["other", "issuer=ca", "san=DNS:elsewhere.example", "server"],
                 ["us", "issuer=ca", "client"]):
        subprocess.run([make, folder] + args, check=True, capture_output=True)


def context(folder, name):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    c.load_cert_chain(f"{folder}/{name}.pem", f"{folder}/{name}.key")
    c.load_verify_locations(f"{folder}/ca.pem")
    c.verify_mode = ssl.CERT_REQUIRED
    return c


def reset(receiver, c):
    """Read one piece, leave the rest, and go without a word."""
    c.recv(100)
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


INET = (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))


def tcp(receiver, more=""):
    return ("{type: syslog, format: json, server: \"tcp://127.0.0.1:%d\"%s}"
            % (receiver.address[1], more))


def main():
    with tempfile.TemporaryDirectory() as work:
        certs(work)
        r = Receiver(*INET, "octets")
        check("tcp, counted", r, tcp(r))
        r = Receiver(*INET, "lf")
        check("tcp, lines", r, tcp(r, ", framing: lf"))
        r = Receiver(*INET, "octets", first=reset)
        check("tcp, reset", r, tcp(r))
        if r.connections < 2:
            fail("a reset did not lead to a second connection")
        r = Receiver(*INET, "octets", context(work, "siem"))
        tls = "{type: syslog, format: json, server: \"tls://localhost:%d\", ca: %s/ca.pem, cert: %s/us.pem, key: %s/us.key}"
        check("tls", r, tls % (r.address[1], work, work, work))
        path = os.path.join(work, "stream")
        r = Receiver(socket.AF_UNIX, socket.SOCK_STREAM, path, "octets")
        check("unix, connections", r, "{type: syslog, format: json, server: \"unix://%s\"}" % path)


main()
print("ok")
