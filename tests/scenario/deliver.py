"""What waits for outputs: through kills, failures, changes and floods.

    deliver.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

Each function named story_* is one.  STSENTRY_KILLS (10) and STSENTRY_QUEUED
(300) say how often and how much.
"""
import http.server
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

SRC, BIN = sys.argv[1:3]
KILLS = int(os.environ.get("STSENTRY_KILLS", "10"))
QUEUED = int(os.environ.get("STSENTRY_QUEUED", "300"))
BOUND = int(os.environ.get("STSENTRY_BOUND", "60"))
work = tempfile.mkdtemp()
daemons = []


def record(n):
    return (
        '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser",'
        '"arn":"arn:aws:iam::111122223333:user/a","accountId":"111122223333"},'
        '"eventTime":"2026-03-01T08:00:00Z","eventSource":"sts.amazonaws.com",'
        '"eventName":"GetSessionToken","awsRegion":"us-east-1",'
        '"sourceIPAddress":"203.0.113.9","eventID":"id-%s",'
        '"recipientAccountId":"111122223333"}\n' % n
    ).encode()


def wait_for(what, condition):
    end = time.monotonic() + BOUND
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("not within %d s: %s" % (BOUND, what))
        time.sleep(0.005)


class Daemon:
    """One folder, in which it is started again and again."""

    def __init__(self, output):
        self.dir = tempfile.mkdtemp(dir=work)
        self.runs = 0
        self.child = None
        daemons.append(self)
        if output:
            self.configure(output)

    def configure(self, output):
        with open(self.path("s.yaml.new"), "w") as f:
            f.write(
                "version: 1\ninputs: [{type: tcp, name: door, listen: '127.0.0.1:0'}]\n"
                "policy: %s/examples/acme/policy.yaml\n"
                "state: {dir: %s}\nadmin: {listen: '127.0.0.1:0'}\noutputs:\n%s"
                % (os.path.abspath(SRC), self.path("state"), output)
            )
        os.replace(self.path("s.yaml.new"), self.path("s.yaml"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def log(self):
        with open(self.path("log%d" % self.runs), errors="replace") as f:
            return f.read()

    def start(self):
        self.runs += 1
        with open(self.path("log%d" % self.runs), "w") as log:
            self.child = subprocess.Popen(
                [os.path.join(BIN, "stsentryd"), "-c", self.path("s.yaml")],
                stderr=log,
            )
        wait_for("ready", lambda: "admin: " in self.log() or self.child.poll() is not None)
        assert self.child.poll() is None, self.log()
        self.port = int(re.search(r"listening on \S+:(\d+)", self.log()).group(1))
        self.admin = re.search(r"admin: (http://\S+)", self.log()).group(1)

    def kill(self):
        self.child.kill()
        self.child.wait()

    def stop(self):
        self.child.send_signal(signal.SIGTERM)
        status = self.child.wait(BOUND)
        assert status == 0, "ended with %d: %s" % (status, self.log())

    def status(self):
        with urllib.request.urlopen(self.admin, timeout=BOUND) as answer:
            return json.load(answer)

    def output(self, name="out"):
        o = self.status()["outputs"].get(name)
        if o:
            assert o["made"] == o["delivered"] + o["queued"] + o["dead"], o
        return o

    def send(self, numbers, make=record):
        """Without waiting: the daemon may be killed meanwhile."""
        try:
            with socket.create_connection(("127.0.0.1", self.port)) as s:
                for n in numbers:
                    s.sendall(make(n))
        except OSError:
            pass

    def deliver(self, *args):
        subprocess.run(
            [os.path.join(BIN, "stsentry"), "deliver", "-c", self.path("s.yaml"), *args],
            check=True, stdout=subprocess.DEVNULL, timeout=BOUND,
        )

    def reload(self):
        """What `stsentry reload` ends with."""
        return subprocess.run(
            [os.path.join(BIN, "stsentry"), "reload", "--address", self.admin.split("/")[2]],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=BOUND,
        ).returncode

    def wait_decided(self, n):
        wait_for("%d decided" % n, lambda: self.status()["books"]["token_requests"] >= n)

    def wait_delivered(self, n):
        wait_for("%d delivered" % n, lambda: (self.output() or {}).get("delivered") == n)


def ids_of(path):
    with open(path, "rb") as f:
        data = f.read()
    assert data.endswith(b"\n") or not data, "the last line is torn"
    return [json.loads(line)["event_id"] for line in data.splitlines()]


def all_files(path):
    """A file and those that it was rotated into, as one."""
    names = sorted(n for n in os.listdir(os.path.dirname(path))
                   if n.startswith(os.path.basename(path)))
    return [os.path.join(os.path.dirname(path), n) for n in names]


def size_of(path):
    """Files may be renamed meanwhile."""
    total = 0
    for p in all_files(path):
        try:
            total += os.path.getsize(p)
        except FileNotFoundError:
            pass
    return total


def file_through_kills(more):
    d = Daemon("")
    out = d.path("decisions")
    d.configure("  - {type: file, name: out, path: %s, what: decisions%s}\n" % (out, more))
    total = KILLS * QUEUED
    for kill in range(KILLS):
        d.start()
        before = size_of(out)
        # New ones behind all the old ones: it grows in any case.
        sender = threading.Thread(target=d.send, args=(range((kill + 1) * QUEUED),))
        sender.start()
        wait_for("growth", lambda: size_of(out) > before)
        d.kill()
        sender.join()
    d.start()
    d.send(range(total))
    d.wait_decided(total)
    d.wait_delivered(total)
    d.stop()
    ids = [i for p in all_files(out) for i in ids_of(p)]
    assert len(ids) == total, "%d lines of %d" % (len(ids), total)
    assert len(set(ids)) == total, "lines are doubled"
    print("   %d files, %d lines; duplicates refused: %s" % (len(all_files(out)), len(ids), re.search(r"\d+ duplicates", d.log()).group()))


def story_kills_a_file_has_each_line_once():
    file_through_kills("")


def story_kills_files_that_rotate_have_each_line_once():
    file_through_kills(", rotate: 50k")


class Quiet(http.server.ThreadingHTTPServer):
    """A client that was killed is no fault."""

    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def record_of_five(n):
    return record(n).replace(b"111122223333", b"11112222333%d" % (n % 5))


def below(folder):
    return [os.path.join(root, f) for root, _, files in os.walk(folder)
            for f in files if not f.startswith(".")]


def story_kills_files_of_accounts_have_each_line_once():
    d = Daemon("")
    folder = d.path("by")
    os.mkdir(folder)
    d.configure("  - {type: file, name: out, path: '%s/{account}/{date}.jsonl', "
                "what: decisions}\n" % folder)
    total = KILLS * QUEUED
    for kill in range(KILLS):
        d.start()
        before = sum(map(os.path.getsize, below(folder)))
        sender = threading.Thread(
            target=d.send, args=(range((kill + 1) * QUEUED), record_of_five))
        sender.start()
        wait_for("growth", lambda: sum(map(os.path.getsize, below(folder))) > before)
        d.kill()
        sender.join()
    d.start()
    d.send(range(total), record_of_five)
    d.wait_decided(total)
    d.wait_delivered(total)
    d.stop()
    for n in range(5):
        ids = ids_of("%s/11112222333%d/2026-03-01.jsonl" % (folder, n))
        assert sorted(ids) == sorted("id-%d" % i for i in range(n, total, 5)), n


class Receiver:
    """Takes findings one by one; `up` says whether it does.  The one that makes
    it have `hold_at` is taken and not answered until let_go()."""

    def __init__(self):
        self.up = False
        self.hold_at = None
        self.holds = threading.Event()
        self.gone = threading.Event()
        self.poison = None
        self.got = []
        self.refused = 0
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                data = json.loads(body)["data"]
                name = data.get("event_id") or (data["revision"], data["count"])
                status = 503 if not receiver.up else 400 if name == receiver.poison else 200
                if status == 200:
                    receiver.got.append(name)
                    if len(receiver.got) == receiver.hold_at:
                        receiver.holds.set()
                        receiver.gone.wait(BOUND)
                else:
                    receiver.refused += 1
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def hold(self, n):
        """After n more."""
        self.holds.clear()
        self.gone.clear()
        self.hold_at = len(self.got) + n

    def let_go(self):
        self.hold_at = None
        self.gone.set()

    def output(self, more="what: decisions"):
        return (
            "  - {type: webhook, name: out, preset: generic, insecure: true, private: true,\n"
            "     timeout: 60s, url: 'http://127.0.0.1:%d/in', %s}\n" % (self.server.server_port, more)
        )


def story_kills_a_receiver_that_was_down_gets_all():
    receiver = Receiver()
    d = Daemon(receiver.output())
    d.start()
    d.send(range(QUEUED))
    d.wait_decided(QUEUED)
    wait_for("a refusal", lambda: receiver.refused > 0)
    wait_for("the queue", lambda: d.output()["queued"] == QUEUED)
    wait_for("health", lambda: "output out is stuck" in str(d.status()["reasons"]))
    d.kill()
    receiver.up = True
    # Killed with an answer on its way; the others follow each other fast.
    for kill in range(KILLS):
        receiver.hold(QUEUED // (2 * KILLS) + 1)
        d.start()
        wait_for("deliveries", receiver.holds.is_set)
        d.kill()
        receiver.let_go()
    d.start()
    d.wait_delivered(QUEUED)
    d.stop()
    assert len(set(receiver.got)) == QUEUED, "%d of %d" % (len(set(receiver.got)), QUEUED)
    doubled = len(receiver.got) - QUEUED
    assert doubled <= KILLS + 1, "%d duplicates for %d kills" % (doubled, KILLS + 1)
    print("   %d kills, %d duplicates" % (KILLS + 1, doubled))
    first = list(dict.fromkeys(receiver.got))
    assert first == ["id-%d" % n for n in range(QUEUED)], "not in order"


def story_an_output_that_is_gone_keeps_what_waits_for_it():
    receiver = Receiver()
    d = Daemon(receiver.output())
    d.start()
    d.send(range(5))
    wait_for("the queue", lambda: d.output() and d.output()["queued"] == 5)
    d.stop()
    d.configure("  - {type: 'null', name: other}\n")
    d.start()
    wait_for("the list", lambda: (d.output() or {}).get("state") == "removed")
    assert d.output()["queued"] == 5, d.output()
    d.stop()
    receiver.up = True
    d.configure(receiver.output())
    d.start()
    d.wait_delivered(5)
    d.stop()
    assert receiver.got == ["id-%d" % n for n in range(5)], receiver.got


def story_what_was_set_aside_is_sent_again_when_asked():
    receiver = Receiver()
    receiver.poison = "id-2"
    d = Daemon(receiver.output())
    d.start()
    d.send(range(4))
    wait_for("a refusal", lambda: receiver.refused > 0)
    receiver.up = True
    d.deliver()
    wait_for("one dead", lambda: d.output()["delivered"] == 3 and d.output()["dead"] == 1)
    with open(d.path("state/dead-out.jsonl")) as f:
        dead = json.loads(f.read())
    assert dead["id"] == "id-2" and "400" in dead["reason"], dead
    receiver.poison = None
    d.deliver("--dead", "out")
    d.wait_delivered(4)
    assert d.output()["made"] == 5, d.output()
    d.stop()
    assert receiver.got == ["id-0", "id-1", "id-3", "id-2"], receiver.got
    assert not os.path.exists(d.path("state/dead-out.jsonl.again"))


def story_a_flood_is_held_back_and_told():
    d = Daemon("")
    d.configure("  - {type: file, name: out, path: %s, updates: every, max_per_hour: 3}\n"
                % d.path("findings"))
    d.start()
    d.send(range(10))
    wait_for("the guard", lambda: (d.output() or {}).get("held_back") == 7)
    d.wait_delivered(3)
    d.stop()


def story_a_digest_folds_what_grows():
    receiver = Receiver()
    receiver.up = True
    d = Daemon(receiver.output("updates: {digest: 1s}"))
    d.start()
    d.send(range(100))
    wait_for("the whole", lambda: receiver.got and receiver.got[-1][1] == 100)
    assert receiver.got[0] == (1, 1), receiver.got
    assert len(receiver.got) <= 50, receiver.got
    assert receiver.got == sorted(receiver.got), receiver.got
    d.wait_delivered(100)
    d.stop()


def configure_three(d, receiver, *names):
    lines = {
        "kept": "  - {type: file, name: kept, path: %s, what: decisions}\n" % d.path("kept"),
        "file": "  - {type: file, name: file, path: %s, what: decisions}\n" % d.path("file"),
        "out": receiver.output("what: decisions"),
    }
    d.configure("".join(lines.get(n, n) for n in names))


def story_a_reload_takes_outputs_out_and_puts_them_back():
    receiver = Receiver()
    d = Daemon("")
    configure_three(d, receiver, "kept", "file", "out")
    d.start()
    d.send(range(5))
    wait_for("the queue", lambda: d.output() and d.output()["queued"] == 5)
    configure_three(d, receiver, "kept", "file")
    assert d.reload() == 0, d.log()
    wait_for("the list", lambda: (d.output() or {}).get("state") == "removed")
    d.send(range(5, 10))
    d.wait_decided(10)
    wait_for("the kept one", lambda: d.output("kept")["delivered"] == 10)
    assert d.output()["queued"] == 5 and d.output()["made"] == 5, d.output()

    # One of another kind takes what waits.
    configure_three(d, receiver, "kept", "  - {type: 'null', name: new}\n",
                    "  - {type: 'null', name: file}\n")
    assert d.reload() == 0, d.log()
    wait_for("the new one", lambda: (d.output("new") or {}).get("state") == "ok")

    # One that cannot be opened changes nothing.
    configure_three(d, receiver, "out", "  - {type: file, name: file, path: %s}\n"
                    % os.path.join(d.dir, "no-folder", "x"))
    assert d.reload() == 1
    assert "s.yaml:" in d.log() and "no-folder" in d.log(), d.log()
    assert d.output()["state"] == "removed", d.output()

    # What has waited over a restart without it is there after one with it.
    configure_three(d, receiver, "out", "file", "kept")
    receiver.up = True
    assert d.reload() == 0, d.log()
    d.wait_delivered(5)
    d.send(range(10, 15))
    d.wait_delivered(10)
    configure_three(d, receiver, "kept", "file")
    receiver.up = False
    d.send(range(15, 18))
    wait_for("the queue", lambda: d.output()["queued"] == 3)
    assert d.reload() == 0, d.log()
    wait_for("the list", lambda: (d.output() or {}).get("state") == "removed")
    d.stop()
    d.start()
    assert d.output()["state"] == "removed" and d.output()["queued"] == 3, d.output()
    d.kill()
    receiver.up = True
    configure_three(d, receiver, "kept", "file", "out")
    d.start()
    d.wait_delivered(13)
    d.stop()
    assert receiver.got == ["id-%d" % n for n in (*range(5), *range(10, 18))], receiver.got
    for name in "kept", "file":
        assert ids_of(d.path(name)) == ["id-%d" % n for n in range(18)]


def story_a_reload_while_records_flow_loses_and_doubles_none():
    receiver = Receiver()
    d = Daemon("")
    configure_three(d, receiver, "kept", "file", "out")
    d.start()
    for n in range(0, 1000, 100):
        sender = threading.Thread(target=d.send, args=(range(n, n + 100),))
        sender.start()
        configure_three(d, receiver, "kept")
        assert d.reload() == 0, d.log()
        configure_three(d, receiver, "kept", "  - {type: 'null', name: new}\n")
        assert d.reload() == 0, d.log()
        configure_three(d, receiver, "out", "kept", "file")
        assert d.reload() == 0, d.log()
        sender.join()
        d.wait_decided(n + 100)
    # A burst ends in the last.
    for _ in range(9):
        d.child.send_signal(signal.SIGHUP)
    configure_three(d, receiver, "file", "kept")
    assert d.reload() == 0, d.log()
    wait_for("the list", lambda: (d.output() or {"state": "removed"})["state"] == "removed")
    wait_for("the kept one", lambda: d.output("kept")["delivered"] == 1000)
    d.stop()
    assert ids_of(d.path("kept")) == ["id-%d" % n for n in range(1000)]
    ids = ids_of(d.path("file"))
    assert len(ids) == len(set(ids)), "lines are doubled"


def story_a_reload_takes_out_what_blocks():
    receiver = Receiver()
    d = Daemon("")
    other = "  - {type: 'null', name: other}\nlimits: {queue_events: 1000}\n"
    d.configure(receiver.output("what: decisions") + other)
    d.start()
    sender = threading.Thread(target=d.send, args=(range(3000),))
    sender.start()
    wait_for("the bound", lambda: d.output() and d.output()["queued"] >= 1000)
    d.configure(other)
    assert d.reload() == 0, d.log()
    sender.join()
    d.wait_decided(3000)
    assert d.output()["state"] == "removed", d.output()
    d.stop()


def story_a_reload_without_a_state_takes_nothing_out():
    d = Daemon("")
    both = "  - {type: 'null', name: one}\n  - {type: 'null', name: out}\n"
    with open(d.path("s.yaml"), "w") as f:
        f.write("version: 1\ninputs: [{type: tcp, name: door, listen: '127.0.0.1:0'}]\n"
                "admin: {listen: '127.0.0.1:0'}\noutputs:\n" + both)
    d.start()
    with open(d.path("s.yaml"), "r+") as f:
        text = f.read().replace("  - {type: 'null', name: out}\n", "")
        f.seek(0)
        f.write(text)
        f.truncate()
    assert d.reload() == 1
    assert "out is gone: without a state directory" in d.log(), d.log()
    assert d.output()["state"] == "ok", d.output()
    d.stop()


def changing(d, n):
    """The n-th configuration: one output rotates at other sizes, one moves to and
    fro, one comes and goes, one is a file or nothing."""
    out = ["  - {type: file, name: kept, path: %s, what: decisions, rotate: %dk}\n"
           % (d.path("kept"), 20 + n % 3),
           "  - {type: file, name: moved, path: %s, what: decisions}\n"
           % d.path("moved-%d" % (n % 2))]
    if n % 2:
        out.append("  - {type: file, name: guest, path: %s, what: decisions}\n"
                   % d.path("guest"))
    out.append("  - {type: %s, what: decisions}\n" %
               ("'null', name: some", "file, name: some, path: %s" % d.path("some"))[n % 2])
    d.configure("".join(out))


def lines_of(d, *names):
    return [i for name in names if os.path.exists(d.path(name)) or name == "kept"
            for p in all_files(d.path(name)) for i in ids_of(p)]


def check_changed(d, total, killed=False):
    """`kept` and `moved` have each line once, the others none twice.  A kill while
    a file moves leaves lines behind in the old one that come again in the new."""
    want = sorted("id-%d" % n for n in range(total))
    moved = lines_of(d, "moved-0", "moved-1")
    assert sorted(lines_of(d, "kept")) == want, "kept"
    assert sorted(set(moved) if killed else moved) == want, "moved"
    for name in () if killed else ("guest", "some"):
        ids = lines_of(d, name)
        assert len(ids) == len(set(ids)), name


def story_outputs_change_in_bursts_while_records_come():
    d = Daemon("")
    changing(d, 0)
    d.start()
    total = 3000
    sender = threading.Thread(target=d.send, args=(range(total),))
    sender.start()
    n = 0
    while sender.is_alive() or n < 10:
        n += 1
        changing(d, n)
        for _ in range(3):
            d.child.send_signal(signal.SIGHUP)
        if n % 4 == 0:
            assert d.reload() == 0, d.log()
    sender.join()
    d.wait_decided(total)
    changing(d, 1)
    assert d.reload() == 0, d.log()
    wait_for("the last configuration",
             lambda: sorted(d.status()["outputs"]) == ["guest", "kept", "moved", "some"])
    for name in "kept", "moved":
        wait_for(name, lambda: d.output(name)["delivered"] == total)
        assert d.output(name)["made"] == total, d.output(name)
    d.stop()
    check_changed(d, total)
    print("   %d configurations, %d files of `kept`" % (n, len(all_files(d.path("kept")))))


def story_outputs_change_between_kills():
    d = Daemon("")
    total = 0
    for kill in range(4):
        changing(d, kill)
        d.start()
        sender = threading.Thread(target=d.send, args=(range(total + 200),))
        sender.start()
        for n in range(1, 6):
            changing(d, kill + n)
            d.child.send_signal(signal.SIGHUP)
            if n == 1:
                wait_for("a reload", lambda: "generation 2" in d.log())
        total += 200
        d.kill()
        sender.join()
    changing(d, 1)
    d.start()
    d.send(range(total))
    d.wait_decided(total)
    for name in "kept", "moved":
        wait_for(name, lambda: d.output(name)["delivered"] == total)
    d.stop()
    check_changed(d, total, killed=True)


def story_outputs_change_while_it_stops():
    d = Daemon("")
    total = 0
    for n in range(8):
        changing(d, n)
        d.start()
        d.send(range(total, total + 50))
        total += 50
        d.wait_decided(total)
        changing(d, n + 1)
        d.child.send_signal(signal.SIGHUP)
        d.stop()
    changing(d, 1)
    d.start()
    for name in "kept", "moved":
        wait_for(name, lambda: d.output(name)["delivered"] == total)
    d.stop()
    check_changed(d, total)


def story_outputs_that_change_give_what_waits_to_their_new_place():
    old, new = Receiver(), Receiver()
    new.up = True
    d = Daemon("")
    d.configure(old.output("what: decisions"))
    d.start()
    d.send(range(10))
    wait_for("the queue", lambda: (d.output() or {}).get("queued") == 10)
    d.configure(new.output("what: decisions, max_per_hour: 5"))
    assert d.reload() == 0, d.log()
    d.wait_delivered(10)
    assert new.got == ["id-%d" % n for n in range(10)], new.got
    assert "output out: goes on with other settings; 10 records wait" in d.log(), d.log()
    d.stop()


def story_outputs_that_are_gone_are_let_go():
    receiver = Receiver()
    d = Daemon("")
    os.mkfifo(d.path("file"))
    reader = os.open(d.path("file"), os.O_RDONLY | os.O_NONBLOCK)
    configure_three(d, receiver, "kept", "file")
    d.start()
    d.send(range(3))
    d.wait_decided(3)
    wait_for("the pipe", lambda: d.output("file")["delivered"] == 3)
    configure_three(d, receiver, "kept")
    assert d.reload() == 0, d.log()
    got = [b""]

    def is_let_go():
        """It ends when nobody has it open for writing any more."""
        try:
            got.append(os.read(reader, 65536))
        except BlockingIOError:
            return False
        return not got[-1]

    wait_for("the end of the pipe", is_let_go)
    os.close(reader)
    assert b"".join(got).count(b"\n") == 3, got
    os.unlink(d.path("file"))
    d.child.send_signal(signal.SIGUSR1)
    assert d.reload() == 0, d.log()
    assert not os.path.exists(d.path("file"))

    # An earlier process left something for one of this name.
    configure_three(d, receiver, "kept", "out")
    assert d.reload() == 0, d.log()
    d.send(range(3, 6))
    wait_for("the queue", lambda: (d.output() or {}).get("queued") == 3)
    configure_three(d, receiver, "kept")
    assert d.reload() == 0, d.log()
    d.stop()
    d.start()
    assert d.output()["state"] == "removed" and d.output()["queued"] == 3, d.output()
    receiver.up = True
    configure_three(d, receiver, "kept", "out")
    assert d.reload() == 0, d.log()
    d.wait_delivered(3)
    assert receiver.got == ["id-3", "id-4", "id-5"], receiver.got
    assert d.output()["state"] == "ok", d.output()
    d.stop()


def main():
    failed = 0
    stories = [n for n in globals() if n.startswith("story_")]
    for name in stories:
        if len(sys.argv) > 3 and not any(name.startswith(w) for w in sys.argv[3:]):
            continue
        begun = time.monotonic()
        try:
            globals()[name]()
            print("ok %s %.1f s" % (name, time.monotonic() - begun))
        except Exception as e:
            failed = 1
            print("FAILED %s: %r" % (name, e))
            for root, _, files in os.walk(work):
                for f in sorted(files):
                    if f.startswith("log"):
                        with open(os.path.join(root, f), errors="replace") as log:
                            print(os.path.join(root, f), log.read()[-2000:])
    for d in daemons:
        if d.child and d.child.poll() is None:
            d.kill()
    shutil.rmtree(work, ignore_errors=True)
    sys.exit(failed)


main()
