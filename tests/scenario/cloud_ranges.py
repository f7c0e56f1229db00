"""An instance's credential, and the lists of the clouds' own ranges.

    cloud_ranges.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

There is no database of places: the lists alone say what is a cloud's.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile

import daemon
from daemon import PATIENCE, SRC, Daemon, run_stories, same, wait_for
from lineage import STSENTRY, TCP, lines, mint, record, send, session

DATA = os.path.abspath(os.path.join(SRC, "tests/data"))
AWS = os.path.join(DATA, "ranges-aws.json")
LISTED, UNLISTED = "198.51.100.9", "203.0.113.5"  # the first in ranges-aws.json
CODE = "instance_credential_outside_cloud"


def the_mint():
    service = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
    return mint("instance", 1, service, "ec2.amazonaws.com", "app-web", "i-0abc", "ASIAWEB1")


def use(n, minute, ip):
    web = session("app-web", "i-0abc", "ASIAWEB1", 1, ec2RoleDelivery="2.0")
    return record(n, minute, web, "s3", "ListBuckets", ip)


def told(text):
    """The uses that are told, by event."""
    found = [json.loads(t) for t in text.splitlines() if t.endswith("}")]
    return sorted({e for f in found for e in f["event_ids"]
                   if CODE in [r["code"] for r in f["reasons"]]})


def story_scan_asks_the_lists():
    folder = tempfile.mkdtemp(dir=daemon.work)
    log = os.path.join(folder, "log.ndjson")
    config = os.path.join(folder, "s.yaml")
    with open(log, "wb") as f:
        f.write(lines([the_mint(), use("inside", 5, LISTED), use("outside", 9, UNLISTED)]))
    for geo, want in ("{}", []), ("{cloud_ranges: [%s]}" % AWS, ["outside"]):
        with open(config, "w") as f:
            f.write("version: 1\ngeo: %s\n" % geo)
        out = subprocess.run([STSENTRY, "scan", "-q", "-c", config, "--format", "json", log],
                             check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout
        same(told(out.decode()), want, "geo: " + geo)


def story_a_list_that_is_none_is_named():
    folder = tempfile.mkdtemp(dir=daemon.work)
    config = os.path.join(folder, "s.yaml")
    with open(os.path.join(folder, "page.html"), "w") as f:
        f.write("<html>\n")
    with open(config, "w") as f:
        f.write("version: 1\ngeo: {cloud_ranges: [%s, page.html, none]}\n" % AWS)
    run = subprocess.run([STSENTRY, "check", "-c", config], stderr=subprocess.PIPE,
                         stdout=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    same(run.returncode, 2, "status")
    problems = [p.split(": ", 1)[1] for p in run.stderr.decode().splitlines()]
    same(len(problems), 2, problems)
    for text, part in zip(problems, ('"<html>" is no range of addresses', "cannot read")):
        same(text.startswith("cloud_ranges: ") and part in text, True, text)


def story_the_daemon_takes_a_new_list():
    folder = tempfile.mkdtemp(dir=daemon.work)
    ranges = os.path.join(folder, "ranges.txt")
    findings = os.path.join(folder, "findings")
    with open(ranges, "w") as f:
        f.write("# ours\n%s/32\n" % UNLISTED)
    d = Daemon([TCP], state=True, more=(
        "  - {type: file, path: %s, format: json}\n"
        "geo: {cloud_ranges: [%s, %s]}\n" % (findings, AWS, ranges)))
    same([g["path"] for g in d.status()["geo"]], [AWS, ranges], "/status tells the lists")
    send(d, [the_mint(), use("inside", 5, LISTED), use("listed", 9, UNLISTED)])
    with open(ranges, "w") as f:
        f.write("192.0.2.0/24\n")
    d.p.send_signal(signal.SIGHUP)
    wait_for(lambda: d.status()["generation"] == 2, "the second generation")
    send(d, [use("unlisted", 13, UNLISTED), use("again inside", 14, LISTED)])
    d.stop()
    with open(findings) as f:
        same(told(f.read()), ["unlisted"], "what is told")


if __name__ == "__main__":
    sys.exit(run_stories(globals()))
