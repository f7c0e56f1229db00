"""Acknowledged means kept, whatever happens to the daemon.

    oracle.py TOP_SRCDIR TOP_BUILDDIR

A sender that can be told (HTTP) sends each delivery until it is acknowledged:
from then on its records are owed.  One that cannot (TCP) is owed only what it
sent to a daemon that ended in peace; a file, all its lines once it was there
at a start.  What nobody issued must never appear.
"""
import base64
import http.client
import json
import os
import random
import signal
import socket
import sys
import threading
import time

from daemon import PATIENCE, Daemon, record, run_stories, same, wait_for, work

KILLS = int(os.environ.get("STSENTRY_KILLS", "5"))
SEED = int(os.environ.get("STSENTRY_SEED", str(random.randrange(1 << 32))))
TOKEN = "s3cret"
FILES = os.path.join(work, "files")
INPUTS = ['type: http, name: door, listen: "127.0.0.1:0", token: %s, '
          "paths: {/aws: firehose, /gcp: pubsub, /in: auto}" % TOKEN,
          'type: tcp, name: wire, listen: "127.0.0.1:0"',
          "type: file, name: files, paths: [%s/*.jsonl]" % FILES]
ONE_MORE = 'type: tcp, name: spare, listen: "127.0.0.1:0"'

# Told by no table of token APIs, and done with a long-lived key.
OTHER = (b'{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","arn":'
         b'"arn:aws:iam::111122223333:user/a","accountId":"111122223333"},'
         b'"eventTime":"2026-03-01T08:00:00Z","eventSource":"s3.amazonaws.com",'
         b'"eventName":"GetObject","awsRegion":"us-east-1","eventID":"o-%d",'
         b'"recipientAccountId":"111122223333"}\n')


class Oracle:
    """What was issued, what is owed, and the faults."""

    def __init__(self):
        os.mkdir(FILES)
        self.lock = threading.Lock()
        self.issued, self.owed = set(), set()
        self.acks = self.others = 0
        self.over = False
        self.errors = []
        self.d = Daemon(INPUTS, state=True)

    def issue(self, name):
        with self.lock:
            self.issued.add(name)
        return record(name, agent="ua/" + name) + b"\n"

    def owe(self, names, others=0):
        with self.lock:
            self.owed.update(names)
            self.others += others
            self.acks += 1


class Sender(threading.Thread):
    def __init__(self, oracle, name):
        super().__init__(name=name)
        self.o = oracle
        self.random = random.Random("%d %s" % (SEED, name))
        self.n = 0
        self.start()

    def run(self):
        try:
            while not self.o.over:
                self.once()
        except Exception as e:  # pylint: disable=broad-except
            self.o.errors.append("%s: %s: %s" % (self.name, type(e).__name__, e))

    def new(self):
        """The name of a record, and it."""
        self.n += 1
        name = "%s-%d" % (self.name, self.n)
        return name, self.o.issue(name)


class Posting(Sender):
    """Deliveries with a name of their own, or without (others 0)."""

    connection = None
    deliveries = 0

    def run(self):
        super().run()
        self.drop()

    def drop(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def request(self, path, body, headers):
        """The status; None where none came."""
        headers["Authorization"] = "Bearer " + TOKEN
        try:
            if not self.connection:
                self.connection = http.client.HTTPConnection(
                    *self.o.d.address(0), timeout=PATIENCE)
            if self.random.random() < 0.05:
                return self.break_off(path, body)
            self.connection.request("POST", path, body, headers)
            if self.random.random() < 0.05:
                return self.drop()
            r = self.connection.getresponse()
            r.read()
            return r.status
        except (OSError, http.client.HTTPException):
            return self.drop()

    def break_off(self, path, body):
        self.connection.connect()
        self.connection.sock.sendall(
            ("POST %s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n"
             "Content-Length: %d\r\n\r\n" % (path, TOKEN, len(body))).encode()
            + body[: len(body) // 2])
        self.drop()

    def until_acknowledged(self, path, body, headers):
        while True:
            status = self.request(path, body, dict(headers))
            if status in (200, 204):
                return
            if status not in (None, 408, 503):
                raise AssertionError("%d for %s" % (status, path))
            time.sleep(0.01)  # nothing waits for it: it spares the machine

    def once(self):
        new = [self.new() for _ in range(self.random.randint(1, 5))]
        self.deliveries += 1
        others = self.deliver(b"".join(r for _, r in new))
        self.o.owe([n for n, _ in new], others)


class Firehose(Posting):
    def deliver(self, records):
        data = base64.b64encode(records + OTHER % self.deliveries).decode()
        request = "%s-%d" % (self.name, self.deliveries)
        body = json.dumps({"requestId": request, "timestamp": 1,
                           "records": [{"data": data}]}).encode()
        self.until_acknowledged("/aws", body, {"X-Amz-Firehose-Request-Id": request})
        return 1


class PubSub(Posting):
    def deliver(self, records):
        data = base64.b64encode(records + OTHER % self.deliveries).decode()
        body = json.dumps({
            "message": {"data": data, "messageId": str(self.deliveries)},
            "subscription": "projects/p/subscriptions/" + self.name}).encode()
        self.until_acknowledged("/gcp", body, {})
        return 1


class Plain(Posting):
    def deliver(self, records):
        self.until_acknowledged("/in", records, {})
        return 0


class Wire(Sender):
    """Lines, and no word of what became of them."""

    sock = None

    def once(self):
        try:
            if not self.sock:
                self.sock = socket.create_connection(self.o.d.address(1), timeout=PATIENCE)
            self.sock.sendall(b"".join(self.new()[1] for _ in range(3)))
            if self.random.random() < 0.05:
                self.close()
        except OSError:
            self.close()
        time.sleep(0.005)

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def last_words(self):
        """To a daemon that will end in peace: these are owed."""
        self.close()
        new = [self.new() for _ in range(10)]
        with socket.create_connection(self.o.d.address(1), timeout=PATIENCE) as s:
            s.sendall(b"".join(r for _, r in new))
            s.shutdown(socket.SHUT_WR)
            while s.recv(4096):
                pass
        self.o.owe([n for n, _ in new])


class Files(Sender):
    """A file now and then; it is owed, for a start comes in any case."""

    def once(self):
        new = [self.new() for _ in range(5)]
        path = os.path.join(FILES, "%d.jsonl" % self.n)
        with open(path + ".part", "wb") as f:
            f.write(b"".join(r for _, r in new))
        os.rename(path + ".part", path)
        self.o.owe([n for n, _ in new])
        time.sleep(0.1)


def check_books(books, what):
    parts = ("token_requests", "uses", "other", "duplicates", "rejected", "in_flight")
    same(books["received"], sum(books[p] for p in parts), "books %s: %s" % (what, books))
    same(books["rejected"], 0, "rejected %s" % what)


def trouble(o, chance):
    """Something that is no kill."""
    kind = chance.randrange(3)
    if kind == 0:
        o.d.p.send_signal(signal.SIGSTOP)
        time.sleep(chance.uniform(0, 0.2))
        o.d.p.send_signal(signal.SIGCONT)
    elif kind == 1:
        o.d.configure(INPUTS + [ONE_MORE] * chance.randrange(2), o.d.more)
        for _ in range(chance.randint(1, 3)):
            o.d.p.send_signal(signal.SIGHUP)


def kill_and_start(o):
    with o.lock:
        owed = o.acks
    o.d.kill()
    o.d.configure(INPUTS, o.d.more)
    o.d.start()
    check_books(o.d.status()["books"], "after a kill")
    return owed


def check_all(o):
    seen = {}
    for data in o.d.ledger():
        name = data["event_id"][3:]
        same(name in seen, False, "%s is there twice" % name)
        seen[name] = True
        same(name in o.issued, True, "%s was issued" % name)
        same(data["user_agent"], "ua/" + name, "altered")
    same(sorted(o.owed - set(seen)), [], "acknowledged and lost")
    # Into the output's file comes the same, each line once and whole.
    written = [json.loads(text)["event_id"][3:] for text in o.d.decisions()]
    same(sorted(written), sorted(seen), "the output and the ledger")
    return len(seen)


def story_acknowledged_means_kept():
    print("STSENTRY_KILLS=%d STSENTRY_SEED=%d" % (KILLS, SEED))
    o = Oracle()
    chance = random.Random(SEED)
    wire = Wire(o, "w")
    senders = [Firehose(o, "f1"), Firehose(o, "f2"), PubSub(o, "g"), Plain(o, "p"),
               wire, Files(o, "file")]
    try:
        for _ in range(KILLS):
            for _ in range(2):
                until = o.acks + chance.randint(1, 60)
                wait_for(lambda: o.acks >= until or o.errors, "more acknowledgements")
                trouble(o, chance)
            kill_and_start(o)
    finally:
        o.over = True
        for s in senders:
            s.join()
    same(o.errors, [], "errors of senders")
    wire.last_words()
    # What the file sender has left is read at this start, if it was not before.
    o.d.stop()
    o.d.start()
    wait_for(lambda: files_are_read(o), "the files are read")
    books = o.d.stop()
    o.d.verify()
    n = check_all(o)
    same(books["token requests"], n, "the ledger and the books")
    same(books["other"], o.others, "others, each once")
    same(books["rejected"], 0, "rejected")
    print("%d issued, %d owed, %d kept, %d others" % (len(o.issued), len(o.owed), n, o.others))


def files_are_read(o):
    there = {d["event_id"][3:] for d in o.d.ledger()}
    return all(n in there for n in o.owed if n.startswith("file-"))


sys.exit(run_stories(globals()))
