"""A stsentryd of a scenario's own: started, waited for, stopped, and its books.

    from daemon import Daemon, line, run_stories, same

    d = Daemon(['type: tcp, listen: "127.0.0.1:0"'])
    ... d.tcp() ...
    books = d.stop()                       # {"received": 3, ...}

The scenario is called with TOP_SRCDIR TOP_BUILDDIR [STORY...]; its functions
named story_* are run one after the other.
"""
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

SRC, BIN = sys.argv[1:3]
PATIENCE = 60  # seconds: the machine may be very busy
CERTS = os.path.join(BIN, "tests/tools/make_certs")
work = tempfile.mkdtemp()


def record(n, account="111122223333", agent="aws-cli/2.15"):
    return (
        '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser",'
        '"arn":"arn:aws:iam::%s:user/a","accountId":"%s"},'
        '"eventTime":"2026-03-01T08:00:00Z","eventSource":"sts.amazonaws.com",'
        '"eventName":"GetSessionToken","awsRegion":"us-east-1",'
        '"sourceIPAddress":"203.0.113.9","userAgent":"%s","eventID":"id-%s",'
        '"recipientAccountId":"%s"}' % (account, account, agent, n, account)
    ).encode()


def line(n, **kw):
    return record(n, **kw) + b"\n"


def same(got, want, what):
    if got != want:
        raise AssertionError("%s: %r, not %r" % (what, got, want))


def wait_for(condition, what):
    """What it gives once it gives something."""
    until = time.monotonic() + PATIENCE
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > until:
            raise AssertionError("not in %d s: %s" % (PATIENCE, what))
        time.sleep(0.02)


class Daemon:
    """Its folder outlives it: start() again goes on there."""

    running = []

    def __init__(self, inputs, stdin=subprocess.DEVNULL, files=None, more="",
                 state=False, prepare=None):
        self.dir = tempfile.mkdtemp(dir=work)
        if prepare:
            prepare(self.dir)
        self.files = files
        self.starts = 0
        if state:
            more += 'state: {dir: %s/state}\nadmin: {listen: "127.0.0.1:0"}\n' % self.dir
        self.more = more
        self.configure(inputs, more)
        self.start(stdin)

    def configure(self, inputs, more=""):
        with open(os.path.join(self.dir, "s.yaml"), "w") as f:
            f.write("version: 1\ninputs:\n")
            for i in inputs:
                f.write("  - {%s}\n" % i)
            f.write(
                "policy: %s/examples/acme/policy.yaml\noutputs:\n"
                "  - {type: file, path: %s/decisions, what: decisions}\n%s"
                % (os.path.abspath(SRC), self.dir, more)
            )

    def start(self, stdin=subprocess.DEVNULL):
        # Its own log each time: what an earlier one said is not ours.
        self.starts += 1
        self.log = open(os.path.join(self.dir, "log.%d" % self.starts), "w+")

        def limit():
            if self.files:
                resource.setrlimit(resource.RLIMIT_NOFILE, (self.files, self.files))

        self.p = subprocess.Popen(
            [os.path.join(BIN, "stsentryd"), "-c", os.path.join(self.dir, "s.yaml")],
            stdin=stdin,
            stderr=self.log,
            preexec_fn=limit,
        )
        Daemon.running.append(self)
        self.wait("ready: ")
        found = re.search(r"listening on (.*)", self.text())
        self.at = found.group(1).split(", ") if found else []

    def text(self):
        with open(self.log.name, errors="replace") as f:
            return f.read()

    def wait(self, what):
        def said():
            if what in self.text():
                return True
            if self.p.poll() is not None:
                raise AssertionError("it ended; no %r in:\n%s" % (what, self.text()))
            return False

        wait_for(said, "%r in:\n%s" % (what, self.text()))

    def address(self, i=0):
        host, port = self.at[i].rsplit(":", 1)
        return host, int(port)

    def tcp(self, i=0):
        return socket.create_connection(self.address(i), timeout=PATIENCE)

    def decisions(self):
        with open(os.path.join(self.dir, "decisions")) as f:
            return f.read().splitlines()

    def ledger(self):
        """What was decided, ever; only with a state."""
        lines = subprocess.run(
            [os.path.join(BIN, "stsentry"), "ledger", "export", "--kind", "decision",
             "--state", os.path.join(self.dir, "state")],
            stdout=subprocess.PIPE, check=True).stdout.splitlines()
        return [json.loads(text)["data"] for text in lines]

    def verify(self):
        """The ledger's chain is whole; the daemon must have ended."""
        subprocess.check_call([os.path.join(BIN, "stsentry"), "ledger", "verify",
                               "--state", os.path.join(self.dir, "state")],
                              stdout=subprocess.DEVNULL)

    def admin(self, page):
        """Its status and text; the configuration must have an admin endpoint."""
        self.wait("admin: http")
        url = re.search(r"admin: (http://[^/]*)", self.text()).group(1)
        try:
            with urllib.request.urlopen(url + page, timeout=PATIENCE) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            with e:
                return e.code, e.read().decode()

    def status(self):
        return json.loads(self.admin("/status")[1])

    def kill(self):
        self.p.kill()
        self.p.wait(PATIENCE)

    def stop(self):
        """The books: received, token requests, rejected ..., as a dict."""
        self.p.send_signal(signal.SIGTERM)
        status = self.p.wait(PATIENCE)
        text = self.text()
        if status != 0:
            raise AssertionError("ended with %d:\n%s" % (status, text))
        self.end = text
        books = re.search(r"books: received (\d+) = ([^;]*);", text)
        n = {"received": int(books.group(1))}
        for part in books.group(2).split(" + "):
            count, name = part.split(" ", 1)
            n[name.split(" (")[0]] = int(count)
        if n["received"] != sum(v for k, v in n.items() if k != "received"):
            raise AssertionError("the books do not balance: %s" % text)
        return n


def run_stories(stories):
    """Runs those that are named, or all; the exit status."""
    names = sys.argv[3:] or [n for n in stories if n.startswith("story_")]
    bad = 0
    for name in names:
        began = time.monotonic()
        try:
            stories[name]()
            print("ok  %5.1f s  %s" % (time.monotonic() - began, name))
        except Exception as e:  # pylint: disable=broad-except
            bad += 1
            print("BAD %s: %s: %s" % (name, type(e).__name__, e))
            for d in Daemon.running:
                print(d.text())
        sys.stdout.flush()
        while Daemon.running:
            d = Daemon.running.pop()
            if d.p.poll() is None:
                d.kill()
    shutil.rmtree(work, ignore_errors=True)
    return 1 if bad else 0
