"""What becomes of log files while stsentryd follows them.

    tail_rows.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

Each function named story_* plays with files and says how many records there
are.  At the end the daemon is started once more, so that all is looked at
again, and then every record is in the books and in the ledger, once.
STSENTRY_TAIL_TURNS is how often a log is rotated in a hurry (40).
"""
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request

SRC, BIN = sys.argv[1:3]
TURNS = int(os.environ.get("STSENTRY_TAIL_TURNS", "40"))
PATIENCE = 60
work = tempfile.mkdtemp()


def record(n):
    return (
        '{"eventVersion":"1.08","userIdentity":{"type":"IAMUser",'
        '"arn":"arn:aws:iam::111122223333:user/zo\u00eb","accountId":'
        '"111122223333"},"eventTime":"2026-03-01T08:00:00Z","eventSource":'
        '"sts.amazonaws.com","eventName":"GetSessionToken","awsRegion":'
        '"us-east-1","sourceIPAddress":"203.0.113.9","eventID":"id-%d",'
        '"recipientAccountId":"111122223333"}' % n
    ).encode()


class Story:
    """A folder of logs, a daemon that follows it, and the records so far."""

    all = []

    def __init__(self, paths='"%s/app.log*"', more=""):
        self.dir = tempfile.mkdtemp(dir=work)
        self.logs = os.path.join(self.dir, "logs")
        os.mkdir(self.logs)
        self.n = 0
        self.extra = 0  # that are no token requests
        self.starts = 0
        self.p = None
        Story.all.append(self)
        self.conf = os.path.join(self.dir, "s.yaml")
        self.configure(paths, more)

    def configure(self, paths, more=""):
        names = paths.replace("%s", self.logs)
        with open(self.conf, "w") as f:
            f.write(
                "version: 1\ninputs:\n"
                "  - {type: file, name: logs, paths: [%s], follow: true%s}\n"
                '  - {type: file, name: last, paths: ["%s/last"], '
                "follow: true}\n"
                'state: {dir: "%s/state"}\nadmin: {listen: "127.0.0.1:0"}\n'
                "policy: %s/examples/acme/policy.yaml\n"
                'outputs: [{type: "null"}]\n'
                % (names, more, self.dir, self.dir, os.path.abspath(SRC))
            )

    # ---- files ----

    def path(self, name="app.log"):
        return os.path.join(self.logs, name)

    def new(self, count=1):
        """So many records that nobody has seen."""
        self.n += count
        return [record(i) + b"\n" for i in range(self.n - count, self.n)]

    def write(self, data, name="app.log", mode="ab"):
        with open(self.path(name), mode) as f:
            f.write(data)

    def log(self, count=1, name="app.log"):
        self.write(b"".join(self.new(count)), name)

    # ---- the daemon ----

    def start(self):
        self.starts += 1
        self.errors = os.path.join(self.dir, "errors.%d" % self.starts)
        with open(self.errors, "w") as out:
            self.p = subprocess.Popen(
                [os.path.join(BIN, "stsentryd"), "-c", self.conf], stderr=out
            )
        self.wait(lambda: "ready: " in self.text(), "ready")
        self.wait(lambda: "files: read all" in self.text(), "first look")
        self.admin = re.search(r"admin: (http://\S+)", self.text()).group(1)

    def text(self):
        with open(self.errors, errors="replace") as f:
            return f.read()

    def wait(self, done, what):
        until = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > until or self.p.poll() is not None:
                raise AssertionError("no %s:\n%s" % (what, self.text()))
            time.sleep(0.01)

    def status(self):
        with urllib.request.urlopen(self.admin, timeout=PATIENCE) as r:
            return json.load(r)

    def books(self):
        return self.status()["books"]

    def seen(self, n=None):
        """Until all records are in the books."""
        want = (self.n if n is None else n) + self.extra
        self.wait(
            lambda: self.books()["received"] >= want
            and self.books()["in_flight"] == 0,
            "%d records, only %s" % (want, self.books()),
        )

    def end(self, signo=signal.SIGTERM):
        self.p.send_signal(signo)
        status = self.p.wait(timeout=PATIENCE)
        assert status == (0 if signo == signal.SIGTERM else -signo), status
        self.p = None

    def restart(self, signo=signal.SIGTERM):
        self.end(signo)
        self.start()

    def reload(self, word):
        self.p.send_signal(signal.SIGHUP)
        self.wait(lambda: word in self.text(), word)

    # ---- what came of it ----

    def close(self, rejected=0):
        """Every record once, also when all is looked at again."""
        if self.p:
            self.end()
        with open(os.path.join(self.dir, "last"), "wb") as f:
            f.write(self.new()[0])
        self.start()
        # It is read behind all others.
        self.wait(
            lambda: self.status()["inputs"]["last"]["received"] == 1,
            "last record",
        )
        self.seen()
        b = self.books()
        assert b["token_requests"] == self.n, (b, self.n)
        assert b["duplicates"] == 0 and b["rejected"] == rejected, b
        assert b["received"] == self.n + self.extra, (b, self.n)
        self.end()
        told = subprocess.run(
            [
                os.path.join(BIN, "stsentry"),
                "ledger",
                "export",
                "--state",
                os.path.join(self.dir, "state"),
                "--kind",
                "decision",
            ],
            check=True,
            stdout=subprocess.PIPE,
        ).stdout
        ids = [json.loads(l)["data"]["event_id"] for l in told.splitlines()]
        assert sorted(ids) == sorted("id-%d" % i for i in range(self.n)), ids


# ---- a line that is not finished (D04, D11) ----


def story_half_a_line_is_there_once_after_a_kill():
    s = Story()
    s.log(3)
    s.start()
    half = s.new()[0]
    s.write(half[:100])
    s.seen(3)
    s.restart(signal.SIGKILL)
    s.write(half[100:])
    s.seen()
    s.close()


def story_lines_are_cut_at_every_byte():
    s = Story()
    s.start()
    whole = b"".join(s.new(2)).replace(b"\n", b"\r\n")
    for i in range(len(whole)):
        s.write(whole[i : i + 1])
    s.seen()
    s.close()


# ---- names and places (D05, D06, D08) ----


def story_another_file_gets_the_same_place():
    s = Story()
    s.log(5)
    s.start()
    s.seen()
    s.end()
    before = os.stat(s.path()).st_ino
    for _ in range(50):
        os.unlink(s.path())
        s.write(b"")
        if os.stat(s.path()).st_ino == before:
            break
    s.log(9)
    s.start()
    s.seen()
    s.close()


def story_a_log_is_rotated_in_a_hurry():
    s = Story()
    s.start()
    for i in range(TURNS):
        s.log(3)
        os.rename(s.path(), s.path("app.log.%d" % i))
        s.log(2, "app.log.%d" % i)
        s.log(1)
    s.seen()
    s.close()


def story_a_log_is_renamed_out_of_sight():
    s = Story('"%s/app.log"')
    s.log(2)
    s.start()
    s.seen()
    s.log(2)
    os.rename(s.path(), s.path("old.1"))
    s.log(1, "old.1")
    s.log(2)
    s.seen()
    os.unlink(s.path("old.1"))
    s.close()


def story_a_log_is_rotated_twice_while_nobody_looks():
    s = Story('"%s/app.log"')
    s.log(4)
    s.start()
    s.seen()
    s.end()
    s.log(3)
    os.rename(s.path(), s.path("app.log.1"))
    s.log(2)
    os.rename(s.path("app.log.1"), s.path("app.log.2"))
    os.rename(s.path(), s.path("app.log.1"))
    s.log(1)
    s.start()
    s.seen(8)  # not of a file that nobody knows under a name that nobody reads
    with open(s.path("app.log.1"), "rb") as f:
        s.write(f.read())
    s.seen()
    s.close()


# ---- truncation (D07) ----


def story_a_copy_is_made_and_the_log_truncated():
    s = Story()
    s.log(20)
    s.start()
    s.seen()
    for i in range(5):
        s.log(3)
        s.seen()
        shutil.copy(s.path(), s.path("app.log.%d" % i))
        os.truncate(s.path(), 0)
        s.log(2)
        s.seen()
    # What was not read yet is read from the copy.
    s.end()
    s.log(3)
    shutil.copy(s.path(), s.path("app.log.5"))
    os.truncate(s.path(), 0)
    s.log(2)
    s.start()
    s.seen()
    s.close()


def story_a_log_is_copied_and_truncated_in_a_hurry():
    """No look can be sure to lie between two truncations."""
    s = Story()
    s.start()
    for i in range(4 * TURNS):
        s.log(i % 4 + 1)
        shutil.copy(s.path(), s.path("app.log.%d" % i))
        os.truncate(s.path(), 0)
        s.log(i % 7 + 1)
    s.seen()
    s.close()


def story_a_log_is_truncated_and_outgrows_its_old_size():
    s = Story()
    s.log(10)
    s.start()
    s.seen()
    s.write(b"".join(s.new(30)), mode="wb")
    s.seen()
    s.end()
    s.write(b"".join(s.new(60)), mode="wb")
    s.start()
    s.seen()
    s.close()


# ---- packed siblings (D09) ----


def pack(path):
    with open(path, "rb") as f, gzip.open(path + ".gz.part", "wb") as out:
        out.write(f.read())
    os.rename(path + ".gz.part", path + ".gz")
    os.unlink(path)


def story_a_rotated_log_is_packed():
    s = Story('"%s/app.log", "%s/app.log.*[0-9z]"')
    s.log(30)
    s.start()
    s.seen()
    os.rename(s.path(), s.path("app.log.1"))
    s.log(5)
    s.seen()
    pack(s.path("app.log.1"))
    s.log(5)
    s.seen()
    s.end()
    s.log(7)
    os.rename(s.path(), s.path("app.log.2"))
    pack(s.path("app.log.2"))
    s.start()
    s.seen()
    s.close()


def story_a_packed_file_comes_in_pieces():
    s = Story('"%s/**"')
    s.start()
    data = gzip.compress(b"".join(s.new(50)))
    s.write(data[: len(data) // 2], "a.gz")
    s.log(1)
    s.seen(s.n - 50)
    s.write(data[len(data) // 2 :], "a.gz")
    s.seen()
    s.close()


# ---- nothing of use (D10) ----


def story_lines_that_are_no_records_are_kept_count_of():
    s = Story()
    s.write(b"not a record\n" * 40)
    s.write(b"{\"a\": 1}\n", "app.log.short")
    s.start()
    s.extra = 41
    s.seen()
    s.restart(signal.SIGKILL)
    s.log(1)
    s.seen()
    s.close(rejected=s.books()["rejected"])


# ---- how late it is ----


def story_lag_is_told_of_what_a_log_grows_by():
    s = Story()
    s.log(3)
    s.start()
    s.seen()
    lag = lambda: s.status()["inputs"]["logs"]["lag_seconds"]["p50"]
    assert not lag(), "lag of what is old: %s" % lag()
    s.log(1)
    s.wait(lag, "lag")
    s.close()


# ---- another configuration ----


def story_inputs_change_while_it_runs():
    s = Story()
    s.log(3)
    s.log(1, "other.1")
    s.start()
    s.seen(3)
    half = s.new()[0]
    s.write(half[:50])
    s.configure('"%s/app.log*", "%s/other.*"')
    s.reload("generation 2,")
    s.seen(4)
    s.write(half[50:])
    s.log(1, "other.2")
    s.seen()
    # Whole or not at all.
    s.configure('"%s/app.log*", "%s/third.*"', more=", follow: maybe")
    s.log(1, "third.1")
    s.reload("not changed")
    s.log(1, "other.2")
    s.seen(s.n - 1)
    s.configure('"%s/app.log*", "%s/third.*"')
    s.reload("generation 3,")
    s.seen()
    s.close()


# ---- trees ----


def story_files_come_late_and_out_of_order():
    s = Story('"%s/**/*.json.gz"')
    s.start()
    for day in (3, 1, 2):
        folder = os.path.join(s.logs, "AWSLogs/111122223333/%d" % day)
        os.makedirs(folder)
        for k in range(3):
            path = os.path.join(folder, "%d.json.gz" % k)
            with gzip.open(path + ".part", "wb") as f:
                f.write(
                    b'{"Records":['
                    + b",".join(r.strip() for r in s.new(4))
                    + b"]}"
                )
            os.utime(path + ".part", (1000 * day, 1000 * day))
            os.rename(path + ".part", path)
    s.seen()
    s.close()


def story_what_was_there_is_passed_over():
    s = Story(more=", from: end")
    s.write(b"".join(record(i) + b"\n" for i in range(1000, 1020)))
    s.start()
    s.log(3)
    s.log(2, "app.log.2")
    s.seen()
    s.close()


def main():
    names = sys.argv[3:] or [n for n in globals() if n.startswith("story_")]
    failed = 0
    for name in names:
        began = time.monotonic()
        try:
            globals()[name]()
        except BaseException as e:
            failed += 1
            print("FAILED %s: %r" % (name, e))
            if isinstance(e, KeyboardInterrupt):
                raise
        else:
            print("ok %.1f s %s" % (time.monotonic() - began, name))
    return failed


try:
    status = main()
finally:
    for s in Story.all:
        if s.p and s.p.poll() is None:
            s.p.kill()
            s.p.wait()
    shutil.rmtree(work, ignore_errors=True)
sys.exit(1 if status else 0)
