"""What the daemon itself did, and who was told: notes of the ledger.

    diary.py TOP_SRCDIR TOP_BUILDDIR [STORY...]
"""
import hashlib
import json
import os
import signal
import subprocess
import sys

from daemon import BIN, PATIENCE, SRC, Daemon, line, run_stories, same, wait_for

TCP = 'type: tcp, name: door, listen: "127.0.0.1:0"'
POLICY = os.path.join(os.path.abspath(SRC), "examples/acme/policy.yaml")
FILE = "  - {type: file, name: told, path: %s/findings, format: json}\n"


def sum_of(path):
    with open(path, "rb") as f:
        return "sha256:" + hashlib.sha256(f.read()).hexdigest()


def notes(d):
    """All that are kept, in order."""
    out = subprocess.run(
        [os.path.join(BIN, "stsentry"), "ledger", "export", "--kind", "note",
         "--state", os.path.join(d.dir, "state")],
        check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout
    return [json.loads(text)["data"] for text in out.splitlines()]


def kept(d, *events):
    """The notes of these kinds, once they are these and no others."""
    def are_there():
        found = [n for n in notes(d) if n.get("event") in events]
        return found if tuple(n["event"] for n in found) == events else None

    return wait_for(are_there, "notes: " + ", ".join(events))


def settings(d, note, generation):
    same(note["generation"], generation, "generation")
    config = os.path.join(d.dir, "s.yaml")
    same(note["config"], {"file": config, "hash": sum_of(config)}, "configuration")
    same(note["policy"], {"file": POLICY, "hash": sum_of(POLICY)}, "policy")


def reload(d, text):
    d.configure([TCP], d.more + text)
    d.p.send_signal(signal.SIGHUP)


def story_starts_stops_and_reloads():
    d = Daemon([TCP], state=True)
    start, = kept(d, "start")
    settings(d, start, 1)
    same(start["pid"], d.p.pid, "whose start")
    reload(d, "geo: {max_age: 59d}\n")
    settings(d, kept(d, "start", "reload")[1], 2)
    reload(d, "geo: {max_age: never}\n")
    refused = kept(d, "start", "reload", "refusal")[2]
    same("max_age" in refused["why"] and "s.yaml:" in refused["why"], True, refused["why"])
    d.configure([TCP], d.more)
    with d.tcp() as s:
        s.sendall(line(1) + b"{}\n")
    wait_for(lambda: d.status()["books"]["received"] == 2, "two records")
    d.kill()
    d.start()
    kept(d, "start", "reload", "refusal", "start")
    d.stop()
    stop = kept(d, "start", "reload", "refusal", "start", "stop")[4]
    same(set(stop), {"event", "received", "token_requests", "rejected"}, "members of a stop")
    d.verify()


def story_who_was_told():
    d = Daemon([TCP], state=True)
    more = FILE % d.dir
    d.configure([TCP], more + d.more)
    d.p.send_signal(signal.SIGHUP)
    wait_for(lambda: d.status()["generation"] == 2, "an output more")
    with d.tcp() as s:
        s.sendall(line(1))

    def deliveries():
        return [n for n in notes(d) if n.get("event") == "delivery"]

    wait_for(deliveries, "a delivery")
    with open(os.path.join(d.dir, "findings")) as f:
        findings = [json.loads(text) for text in f]
    same([n["output"] for n in deliveries()], ["told"], "outputs that tell of findings")
    same([(x["id"], x["revision"], x["fate"]) for n in deliveries() for x in n["findings"]],
         [(x["id"], x["revision"], "delivered") for x in findings], "what became of them")
    d.stop()
    d.verify()
    report = json.loads(subprocess.run(
        [os.path.join(BIN, "stsentry"), "report", "--format", "json",
         os.path.join(d.dir, "state")],
        check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout)
    sections = {s["id"]: s["rows"] for s in report["sections"]}
    same([r["event"] for r in sections["daemon"]], ["start", "reload", "stop"], "the daemon")
    config = sum_of(os.path.join(d.dir, "s.yaml"))
    same([r["config_hash"] for r in sections["daemon"]][1:], [config, None], "its configuration")
    same([(r["id"], r["output"], r["outcome"]) for r in sections["told"]],
         [(x["id"], "told", "delivered") for x in findings], "who was told")


if __name__ == "__main__":
    sys.exit(run_stories(globals()))
