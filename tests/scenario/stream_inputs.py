"""Senders speak to stsentryd over TCP, TLS, a UNIX socket and standard input.

    stream_inputs.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

Each function named story_* starts a daemon, sends, stops it and looks at the
books that it tells at its end.  STSENTRY_SENDERS is how many senders close at
once (1000).
"""
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

from daemon import CERTS, Daemon, line, record, run_stories, same, wait_for, work

SENDERS = int(os.environ.get("STSENTRY_SENDERS", "1000"))


def until_closed(s):
    """Half-close, and wait for the daemon's close: all has been read."""
    s.shutdown(socket.SHUT_WR)
    s.settimeout(20)
    while s.recv(4096):
        pass
    s.close()


TCP = 'type: tcp, listen: "127.0.0.1:0", max_per_peer: 100000, max_connections: 100000'
TLS = (
    'type: tls, listen: "127.0.0.1:0", cert: %s/server.pem, key: %s/server.key,'
    " max_per_peer: 100000, max_connections: 100000" % (work, work)
)


def make_certs():
    for args in (
        ["ca", "ca"],
        ["server", "issuer=ca", "server", "san=DNS:localhost", "days=30"],
        ["fwd-1", "issuer=ca", "client", "san=DNS:fwd-1.acme.com"],
        ["fwd-2", "issuer=ca", "client", "san=DNS:fwd-2.acme.com"],
        ["evil", "issuer=ca", "client", "san=DNS:fwd-1.acme.com.evil.example"],
    ):
        subprocess.check_call([CERTS, work] + args)


def client(name=None, version=None):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.load_verify_locations(work + "/ca.pem")
    if version:
        c.minimum_version = c.maximum_version = version
    if name:
        c.load_cert_chain("%s/%s.pem" % (work, name), "%s/%s.key" % (work, name))
    return c


def tls(d, i=0, context=None):
    return (context or client()).wrap_socket(d.tcp(i), server_hostname="localhost")


def story_every_door_gives_the_same():
    path = os.path.join(work, "sock")
    stdin = open(os.path.join(work, "stdin"), "w+b")
    stdin.write(b"".join(line(n) for n in range(100)))
    stdin.flush()
    stdin.seek(0)
    # What is left of one that was killed.
    left = socket.socket(socket.AF_UNIX)
    left.bind(path)
    left.close()
    d = Daemon([TCP, TLS + ", clients: any", "type: unix, mode: '0600', listen: " + path,
                "type: stdin"], stdin=stdin)
    same(os.stat(path).st_mode & 0o777, 0o600, "mode of the socket")
    for s in (d.tcp(0), tls(d, 1), socket.socket(socket.AF_UNIX)):
        if s.family == socket.AF_UNIX:
            s.connect(path)
        s.sendall(b"".join(line(n) for n in range(100)))
        if isinstance(s, ssl.SSLSocket):
            s.unwrap()
        until_closed(s)
    n = d.stop()
    same(n["received"], 400, "received")
    same(n["token requests"], 100, "requests")
    same(n["duplicates"], 300, "duplicates")
    same(os.path.exists(path), False, "the socket is left over")


def story_a_foreign_file_is_not_removed():
    path = os.path.join(work, "precious")
    with open(path, "w") as f:
        f.write("precious")
    os.symlink(path, path + ".link")
    for at, why in ((path, "no socket"), (path + ".link", "no socket")):
        try:
            Daemon(["type: unix, listen: " + at])
        except AssertionError as e:
            same(why in str(e), True, str(e))
        else:
            raise AssertionError("it listens on " + at)
    d = Daemon(["type: unix, listen: %s/busy" % work])
    try:
        Daemon(["type: unix, listen: %s/busy" % work])
    except AssertionError as e:
        same("listens there already" in str(e), True, str(e))
    d.stop()


def story_a_certificate_speaks_for_its_accounts_only():
    d = Daemon([TLS + ', client_ca: %s/ca.pem, allow: ['
                '{san: "fwd-1.acme.com", accounts: ["111122223333"]}, '
                '{san: "fwd-2.*.com", accounts: ["4444*"]}]' % work])
    for name in ("fwd-1", "fwd-2", "evil", None):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            try:
                s = tls(d, 0, client(name, version))
                s.sendall(line("%s-%d" % (name, version)))
                s.unwrap()
                s.close()
            except OSError:
                same(name in ("evil", None), True, "%s was refused" % name)
    d.wait("its certificate is none of those allowed")
    d.wait("showed no certificate")
    n = d.stop()
    same(n["received"], 4, "received")
    same(n["token requests"], 2, "requests")
    same(n["rejected"], 2, "rejected")


BAD = [
    b"0 \n", b"007 {}\n", b"12\n", b"1x {}\n", b"12345678901234567890123\n",
    b"<192>x\n", b"<999>x\n", b"<4294967296>x\n", b"<-1>x\n", b"<>x\n", b"<13>\n",
    b"<13>Nov 24 02:22:35\n", b"<13>Nov 24 02:22:35 vm tag:\n", b"<13>1 2026-\n",
]


def story_what_is_bad_costs_only_itself():
    d = Daemon([TCP + ", max_record: 4096"])
    # Each bad one is followed by a good one on the same connection.
    sent = 0
    for bad in BAD:
        s = d.tcp()
        s.sendall(bad + line("bad-%d" % sent))
        until_closed(s)
        sent += 1
    # Over the bound, by count and by line; then good ones.
    s = d.tcp()
    big = b'{"a":"' + b"x" * 8000 + b'"}'
    counted = record("counted")
    s.sendall(b"%d %s" % (len(big), big) + line("after-count"))
    s.sendall(big + b"\n" + line("after-line"))
    s.sendall(b"%d %s" % (len(counted), counted))
    # A line end inside of a count is data: between members, and with what looks
    # like another record, or another message, behind it.
    header = b"<13>1 2026-11-24T02:23:13+00:00 vm - - - - "
    inside = header + b'{"a":\n%s\n}' % record("inside")
    s.sendall(b"%d %s" % (len(inside), inside))
    for text in (record("first"), b"hello"):
        for smuggled in (record("smuggled"), header + record("smuggled"),
                         b"%d %s" % (len(record("smuggled")), record("smuggled"))):
            message = header + text + b"\n" + smuggled + b"\n"
            s.sendall(b"%d %s" % (len(message), message))
    # The last one has no line end.
    s.sendall(record("last"))
    until_closed(s)
    # A count and then the end; a count that no peer means.
    s = d.tcp()
    s.sendall(b"500 {")
    until_closed(s)
    for count in (b"99999999 ", b"4294967296 ", b"99999999999 "):
        s = d.tcp()
        s.sendall(count + line("never"))
        try:
            until_closed(s)
        except OSError:
            pass
    d.wait("it cannot be read any further")
    n = d.stop()
    ids = re.findall(r'"event_id":"id-([^"]*)"', "\n".join(d.decisions()))
    want = ["bad-%d" % i for i in range(sent)] + ["after-count", "after-line", "counted", "last"]
    same(sorted(set(ids)), sorted(want + ["inside", "first"]), "decisions")
    same(n["rejected"] >= len(BAD) + 6, True, "rejected: %s" % n)


def story_senders_that_close_at_once_lose_nothing():
    d = Daemon([TLS + ", clients: any", TCP])
    context = client(version=ssl.TLSVersion.TLSv1_3)
    lock, todo = threading.Lock(), list(range(SENDERS))

    def send():
        while True:
            with lock:
                if not todo:
                    return
                n = todo.pop()
            s = tls(d, 0, context)
            s.sendall(line("tls-%d" % n))
            s.close()
            s = d.tcp(1)
            s.sendall(line("tcp-%d" % n))
            s.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    n = d.stop()
    same(n["received"], 2 * SENDERS, "received")
    same(n["token requests"], 2 * SENDERS, "requests")


def story_garbage_handshakes_cost_nothing():
    d = Daemon([TLS + ", clients: any, handshakes: 16, header_timeout: 2s"])
    silent = [d.tcp() for _ in range(64)]
    for i in range(500):
        s = d.tcp()
        s.sendall(os.urandom(200))
        s.close()
    # They are sent away long before their time, and the good one is served.
    s = tls(d)
    s.sendall(line("good"))
    s.unwrap()
    s.close()
    d.wait("its handshake takes too long")
    for s in silent:
        s.close()
    n = d.stop()
    same(n["token requests"], 1, "requests")


def story_the_end_comes_while_senders_send():
    d = Daemon([TCP, TLS + ", clients: any"])
    over = threading.Event()

    def send(s, name):
        n = 0
        try:
            while not over.is_set():
                s.sendall(line("%s-%d" % (name, n)))
                n += 1
                time.sleep(0.001)  # a flood would be decided long after the end
        except OSError:
            pass

    senders = [threading.Thread(target=send, args=(s, n)) for s, n in
               ((d.tcp(0), "a"), (d.tcp(0), "b"), (tls(d, 1), "c"))]
    for t in senders:
        t.start()
    wait_for(lambda: len(d.decisions()) > 100, "something was decided")
    n = d.stop()
    over.set()
    for t in senders:
        t.join()
    same(n["token requests"], len(d.decisions()), "decisions")


def story_certificates_are_read_again():
    d = Daemon([TLS + ", clients: any"])

    def serial():
        s = tls(d)
        cert = s.getpeercert()["serialNumber"], s.getpeercert()["notAfter"]
        s.close()
        return cert

    first = serial()
    same(serial(), first, "the same certificate")
    subprocess.check_call([CERTS, work, "server", "issuer=ca", "server",
                           "san=DNS:localhost", "days=60"])
    d.p.send_signal(signal.SIGHUP)
    d.wait("certificates read again")
    second = serial()
    same(second == first, False, "the old certificate is shown")
    shutil.copy(work + "/server.pem", work + "/good.pem")
    with open(work + "/server.pem", "w") as f:
        f.write("broken")
    d.p.send_signal(signal.SIGHUP)
    d.wait("keeps its old certificates")
    same(serial(), second, "the good certificate")
    shutil.copy(work + "/good.pem", work + "/server.pem")
    d.stop()


make_certs()
sys.exit(run_stories(globals()))
