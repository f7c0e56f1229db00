"""More senders than anybody planned for: idle ones, slow ones, too many.

    crowds.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

Each function named story_* starts a daemon, lets a crowd come and finds that
good senders are served beside it, and that the crowd costs what it may.
STSENTRY_CROWD is how many come (1000); 10000 is what is promised.
"""
import http.client
import os
import resource
import socket
import ssl
import subprocess
import sys
import threading

from daemon import BIN, CERTS, PATIENCE, Daemon, line, run_stories, same, wait_for, work

CROWD = int(os.environ.get("STSENTRY_CROWD", "1000"))
PLAIN_MAX = 1024  # bytes resident for an idle connection
TLS_MAX = 26 * 1024
GARBAGE_MAX = 8 << 20  # what is left of as many as shake hands at a time, and more
WAIT_MAX = 96 << 20  # the queue between workers and pipeline, and what holds it
EACH = 20  # records of one who waits
WARM = 64  # connections that come before anything is measured

ADMIN = 'admin: {listen: "127.0.0.1:0"}\n'
MANY = "max_per_peer: 100000, max_connections: 100000, idle_timeout: 1h"
TCP = 'type: tcp, listen: "127.0.0.1:0", ' + MANY
TLS = ('type: tls, listen: "127.0.0.1:0", cert: %s/server.pem, key: %s/server.key,'
       " clients: any, handshakes: 64, header_timeout: 1h, %s" % (work, work, MANY))


def make_certs():
    for args in (["ca", "ca"], ["server", "issuer=ca", "server", "san=DNS:localhost", "days=30"]):
        subprocess.check_call([CERTS, work] + args)


def memory_tells():
    """Not under a sanitizer, nor where the kernel gives two MiB for a page."""
    text = subprocess.run([os.path.join(BIN, "stsentryd"), "--version"],
                          stdout=subprocess.PIPE, check=True).stdout
    try:
        with open("/sys/kernel/mm/transparent_hugepage/enabled") as f:
            huge = "[always]" in f.read()
    except OSError:
        huge = False
    return b"sanitizers=no" in text and not huge


def resident(d):
    """Bytes that are the daemon's own; the kernel's of a socket are not."""
    with open("/proc/%d/status" % d.p.pid) as f:
        for text in f:
            if text.startswith("RssAnon:"):
                return int(text.split()[1]) * 1024
    raise AssertionError("no RssAnon")


def counted(d, what):
    return sum(i[what] for i in d.status()["inputs"].values())


def wait_connections(d, n):
    wait_for(lambda: counted(d, "connections") == n, "%d connections" % n)


def idle(d, n, connect):
    """Bytes for each of n that say nothing."""
    warm = [connect(d) for _ in range(WARM)]
    wait_connections(d, WARM)
    before = resident(d)
    crowd = [connect(d) for _ in range(n)]
    wait_connections(d, WARM + n)
    each = (resident(d) - before) / n
    s = connect(d)
    s.sendall(line("beside"))
    wait_for(lambda: len(d.decisions()) == 1, "one is served beside them")
    for s in warm + crowd + [s]:
        s.close()
    wait_connections(d, 0)
    same(d.stop()["token requests"], 1, "requests")
    return each


def at_most(each, most, what):
    print("    %d idle %s connections: %d bytes each" % (CROWD, what, each))
    if memory_tells() and each > most:
        raise AssertionError("%d bytes for an idle %s connection" % (each, what))


def plain(d):
    return d.tcp()


def story_idle_connections_cost_next_to_nothing():
    at_most(idle(Daemon([TCP], more=ADMIN), CROWD, plain), PLAIN_MAX, "plain")


def story_idle_tls_connections_cost_what_openssl_needs():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(work + "/ca.pem")

    def connect(d):
        return context.wrap_socket(d.tcp(), server_hostname="localhost")

    at_most(idle(Daemon([TLS], more=ADMIN), CROWD, connect), TLS_MAX, "TLS")


def story_dripping_senders_stop_nobody():
    d = Daemon([TCP])
    dripping = [d.tcp() for _ in range(CROWD // 2)]
    for k in range(3):
        for s in dripping:
            s.send(b"{")
        s = d.tcp()
        s.sendall(line("good-%d" % k))
        s.close()
    wait_for(lambda: len(d.decisions()) == 3, "3 are served")
    for s in dripping:
        s.close()
    same(d.stop()["token requests"], 3, "requests")


def story_few_descriptors_serve_a_crowd():
    d = Daemon([TCP], files=256)
    clients = []
    for i in range(CROWD):
        s = d.tcp()
        s.sendall(line("many-%d" % i))
        clients.append(s)
    wait_for(lambda: len(d.decisions()) == CROWD, "all are served")
    same(len(d.text()) < 20000, True, "length of the log")
    for s in clients:
        s.close()
    same(d.stop()["token requests"], CROWD, "requests")


def story_garbage_handshakes_leave_nothing():
    d = Daemon([TLS], more=ADMIN)

    def garbage(n, in_all):
        for _ in range(n):
            s = d.tcp()
            s.sendall(os.urandom(200))
            s.close()
        # Some may wait to be let in while none is there.
        wait_for(lambda: counted(d, "accepted") == in_all, "all are let in")
        wait_connections(d, 0)
        return resident(d)

    before = garbage(CROWD, CROWD)
    grown = garbage(CROWD, 2 * CROWD) - before
    print("    %d garbage handshakes: %d bytes are left" % (CROWD, grown))
    same(grown < GARBAGE_MAX or not memory_tells(), True, "what %d garbage handshakes left: %d"
         % (CROWD, grown))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(work + "/ca.pem")
    s = context.wrap_socket(d.tcp(), server_hostname="localhost")
    s.sendall(line("good"))
    s.close()
    same(d.stop()["token requests"], 1, "requests")


def story_wrong_tokens_open_nothing_and_fill_no_log():
    d = Daemon(['type: http, listen: "127.0.0.1:0", token: right-token, ' + MANY])

    def post(token):
        c = http.client.HTTPConnection(*d.address(), timeout=PATIENCE)
        c.request("POST", "/in", line(token), {"Authorization": "Bearer " + token})
        status = c.getresponse().status
        c.close()
        return status

    # A part of it, more than it, and what only looks like it.
    wrong = ("r", "right-toke", "right-token2", "Right-token", "right-token, right-token")
    for i in range(CROWD):
        same(post(wrong[i % len(wrong)]), 401, "a wrong token's answer")
    same(post("right-token"), 200, "the right token's answer")
    same(len(d.text()) < 20000, True, "length of the log")
    same(d.stop()["received"], 1, "received")


def story_senders_wait_for_an_output_that_takes_nothing():
    # Its other end is there, and reads nothing until it is told to.
    siem = socket.socket()
    siem.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    siem.bind(("127.0.0.1", 0))
    siem.listen()
    d = Daemon([TCP], more="  - {type: syslog, name: siem, server: 'tcp://127.0.0.1:%d',"
               " what: decisions}\nlimits: {queue_events: 100}\n%s"
               % (siem.getsockname()[1], ADMIN))
    before = resident(d)
    crowd = [d.tcp() for _ in range(CROWD // 2)]
    for i, s in enumerate(crowd):
        s.sendall(b"".join(line("%d-%d" % (i, k)) for k in range(EACH)))
    wait_connections(d, len(crowd))
    grown = resident(d) - before
    print("    %d senders wait: %d bytes" % (len(crowd), grown))
    same(grown < WAIT_MAX or not memory_tells(), True, "memory for those who wait: %d" % grown)
    same(len(d.decisions()) < EACH * len(crowd), True, "it takes nothing, and all is decided")
    reader = threading.Thread(target=read_all, args=(siem,), daemon=True)
    reader.start()
    wait_for(lambda: len(d.decisions()) == EACH * len(crowd), "all are served in the end")
    wait_for(lambda: d.status()["outputs"]["siem"]["queued"] == 0, "all is delivered")
    for s in crowd:
        s.close()
    same(d.stop()["token requests"], EACH * len(crowd), "requests")
    siem.close()


def read_all(siem):
    s, _ = siem.accept()
    while s.recv(1 << 16):
        pass
    s.close()


# A socket at both ends of each connection, and some to spare.
resource.setrlimit(resource.RLIMIT_NOFILE, (min(2 * CROWD + 1024, resource.getrlimit(
    resource.RLIMIT_NOFILE)[1]), resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
make_certs()
sys.exit(run_stories(globals()))
