"""The story of tests/scenario/rotated_file."""
import glob
import gzip
import json
import os
import sys
import tempfile
import threading

from daemon import Daemon, line, run_stories, same, wait_for, work

KILLS = 8
RECORDS = 300  # more with each start


def files_of(path):
    """Oldest first; the one that is being written last."""
    old = [f for f in sorted(glob.glob(path + ".*")) if not f.endswith(".tmp")]
    return old + [path]


def size_of(path):
    try:
        return sum(os.path.getsize(f) for f in files_of(path))
    except FileNotFoundError:  # it was packed just now
        return 0


def read(path):
    with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as f:
        return f.read()


def send(d, n):
    """Without waiting: the daemon may be killed meanwhile."""
    try:
        with d.tcp() as s:
            for i in range(n):
                s.sendall(line(i))
    except OSError:
        pass


def story_all_files_together_have_each_line_once():
    path = os.path.join(tempfile.mkdtemp(dir=work), "out")
    d = Daemon(
        ['type: tcp, listen: "127.0.0.1:0"'], state=True,
        more="  - {type: file, name: rotated, path: %s, what: decisions, rotate: 40k, compress: true}\n" % path,
    )
    for n in range(1, KILLS + 1):
        before = size_of(path)
        sender = threading.Thread(target=send, args=(d, n * RECORDS))
        sender.start()
        wait_for(lambda: size_of(path) != before, "something is written")  # pylint: disable=cell-var-from-loop
        d.kill()
        sender.join()
        d.start()
    total = KILLS * RECORDS
    send(d, total)
    wait_for(lambda: d.status()["outputs"]["rotated"]["delivered"] == total, "all are delivered")
    d.stop()
    text = b"".join(read(f) for f in files_of(path))
    same(text[-1:], b"\n", "the end")
    ids = [json.loads(x)["event_id"] for x in text.splitlines()]
    same(len(ids), total, "lines")
    same(len(set(ids)), total, "different lines")
    same(len(files_of(path)) > 10, True, "many files")


sys.exit(run_stories(globals()))
