"""What becomes of records while nothing can be stored.

    full_disk.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

The small disks need a mount namespace, in which tests/scenario/full_disk runs
this where it can be had.
"""
import http.client
import os
import socket
import subprocess
import sys
import threading

from daemon import PATIENCE, Daemon, line, run_stories, same, wait_for

INPUTS = ['type: http, name: door, listen: "127.0.0.1:0"',
          'type: tcp, name: wire, listen: "127.0.0.1:0"']
DISK = "64m"
LINES = 8000  # over TCP
FILLER = "filler"


class Disk:
    """A small one, at a folder of the daemon's."""

    def __init__(self, name):
        self.name = name

    def mount(self, parent):
        self.path = os.path.join(parent, self.name)
        os.makedirs(self.path, mode=0o700)
        os.chmod(os.path.join(parent, "state"), 0o700)
        if subprocess.call(["mount", "-t", "tmpfs", "-o", "mode=0700,size=" + DISK,
                            "none", self.path]):
            print("no disk of our own can be had")
            sys.exit(77)

    def fill(self):
        """To the last byte."""
        with open(os.path.join(self.path, FILLER), "wb", buffering=0) as f:
            for size in (65536, 4096, 1):
                try:
                    while f.write(b"x" * size) == size:
                        pass
                except OSError:
                    pass

    def free(self):
        os.unlink(os.path.join(self.path, FILLER))


class Post(threading.Thread):
    """Sends a body until it is acknowledged, to whoever stands for the daemon."""

    def __init__(self, d, body):
        super().__init__(daemon=True)
        self.d, self.body = d, body
        self.refused = []  # Retry-After of each 503
        self.bad = None
        self.start()

    def once(self):
        c = http.client.HTTPConnection(*self.d.address(0), timeout=PATIENCE)
        try:
            c.request("POST", "/", self.body)
            r = c.getresponse()
            r.read()
            if r.status == 503:
                self.refused.append(r.getheader("Retry-After"))
            elif r.status != 200:
                self.bad = "%d: %s" % (r.status, r.reason)
            return r.status != 503
        except (OSError, http.client.HTTPException):
            return False  # it was killed
        finally:
            c.close()

    def run(self):
        while not self.once():
            wait_for(lambda: self.d.p.poll() is None, "a daemon")

    def acknowledged(self):
        self.join(PATIENCE)
        same((self.is_alive(), self.bad), (False, None), "acknowledged")


def pour(d, first, n):
    """Over TCP; blocks while the daemon does not read."""
    with d.tcp(1) as s:
        s.settimeout(None)
        s.sendall(b"".join(line(i) for i in range(first, first + n)))
        s.shutdown(socket.SHUT_WR)
        s.recv(1)


def is_stuck(d, why):
    status, text = d.admin("/health")
    return status == 503 and why in text and d.admin("/ready")[0] == 503


def check_books(books):
    parts = ("token_requests", "uses", "other", "duplicates", "rejected", "in_flight")
    same(books["received"], sum(books[p] for p in parts), "books %s" % books)


def check_all(d, names):
    """Each once, in the books and in the ledger, whose chain is whole."""
    books = d.stop()
    d.verify()
    same((books["token requests"], books["rejected"]), (len(names), 0), "books %s" % books)
    same(sorted(data["event_id"] for data in d.ledger()),
         sorted("id-%s" % n for n in names), "the ledger")


def disk_is_full(name):
    disk = Disk(name)
    d = Daemon(INPUTS, state=True, prepare=disk.mount)
    Post(d, line("a")).acknowledged()
    disk.fill()
    wire = threading.Thread(target=pour, args=(d, 0, LINES), daemon=True)
    wire.start()
    wait_for(lambda: is_stuck(d, "cannot be written"), "it says that the disk is full")
    late = Post(d, line("b"))
    check_books(d.status()["books"])
    disk.free()
    wire.join(PATIENCE)
    late.acknowledged()
    wait_for(lambda: d.admin("/health")[0] == 200, "it is well again")
    wait_for(lambda: d.status()["books"]["received"] >= LINES + 2, "all records")
    check_all(d, ["a", "b"] + list(range(LINES)))


def story_the_disk_of_the_state_is_full():
    disk_is_full("state")


def story_the_disk_of_the_ledger_alone_is_full():
    disk_is_full("state/ledger")


def story_it_is_killed_and_started_on_a_full_disk():
    disk = Disk("state")
    d = Daemon(INPUTS, state=True, prepare=disk.mount)
    Post(d, line("a")).acknowledged()
    disk.fill()
    posts = [Post(d, b"".join(line(i) for i in range(n, n + 2000)))
             for n in range(0, 6000, 2000)]
    wait_for(lambda: is_stuck(d, "cannot be written"), "it says that the disk is full")
    for _ in range(2):
        d.kill()
        d.start()
        check_books(d.status()["books"])
    disk.free()
    for p in posts:
        p.acknowledged()
    wait_for(lambda: d.admin("/health")[0] == 200, "it is well again")
    check_all(d, ["a"] + list(range(6000)))


def story_the_bound_of_the_state_is_reached():
    """limits: {state}; and what HTTP says once the queue behind it is full."""
    d = Daemon(INPUTS, state=True, more="limits: {state: 16M, memory: 16M}\n")
    posts = [Post(d, b"".join(line(i) for i in range(n, n + 2000)))
             for n in range(0, 24000, 2000)]
    wait_for(lambda: is_stuck(d, "is at its limit"), "it says that it is at its limit")
    wait_for(lambda: any(p.refused for p in posts), "a full queue is told")
    check_books(d.status()["books"])
    d.kill()
    d.more = d.more.replace("16M", "1G")
    d.configure(INPUTS, d.more)
    d.start()
    for p in posts:
        p.acknowledged()
        same([r for r in p.refused if not r], [], "each 503 has a Retry-After")
    check_all(d, list(range(24000)))


sys.exit(run_stories(globals()))
