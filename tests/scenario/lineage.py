"""Which credential came from which, and where it is used: scan, daemon, tokens.

    lineage.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

Alice signs in over SAML in Berlin and goes from role human-developer to role
ops; an instance has a session of role app-web.  Both sessions are later used
from far away.
"""
import json
import os
import subprocess
import sys
import tempfile

import daemon
from daemon import BIN, PATIENCE, SRC, Daemon, run_stories, same, wait_for

TCP = 'type: tcp, listen: "127.0.0.1:0"'
STSENTRY = os.path.join(BIN, "stsentry")
GEO = [os.path.abspath(os.path.join(SRC, "tests/data", f))
       for f in ("geo-city.mmdb", "geo-asn.mmdb")]
HOME = "111122223333"
PROVIDER = "arn:aws:iam::%s:saml-provider/Okta" % HOME
ROOT = PROVIDER + "/alice@acme.example"
BERLIN, MOSCOW, CLOUD = "198.51.100.9", "203.0.113.5", "34.240.0.7"


def at(minute):
    return "2026-03-01T%02d:%02d:00Z" % (8 + minute // 60, minute % 60)


def role(name):
    return "arn:aws:iam::%s:role/%s" % (HOME, name)


def session(name, label, key, began, **more):
    issuer = {"type": "Role", "arn": role(name), "accountId": HOME, "userName": name}
    return {"type": "AssumedRole", "principalId": "AROA%s:%s" % (name.upper(), label),
            "arn": "arn:aws:sts::%s:assumed-role/%s/%s" % (HOME, name, label),
            "accountId": HOME, "accessKeyId": key,
            "sessionContext": {"sessionIssuer": issuer, **more,
                               "attributes": {"creationDate": at(began)}}}


def record(n, minute, who, source, name, ip, request=None, response=None):
    return {"eventVersion": "1.10", "userIdentity": who, "eventTime": at(minute),
            "eventSource": source + ".amazonaws.com", "eventName": name,
            "awsRegion": "eu-west-1", "sourceIPAddress": ip, "userAgent": "aws-cli/2.15",
            "requestParameters": request, "responseElements": response,
            "eventID": n, "eventType": "AwsApiCall",
            "recipientAccountId": HOME}


def mint(n, minute, who, ip, name, label, key, action="AssumeRole", more=None):
    request = {"roleArn": role(name), "roleSessionName": label, **(more or {})}
    response = {"credentials": {"accessKeyId": key, "expiration":
                                "Mar 1, 2026, 7:00:00 PM"},
                "assumedRoleUser": {"arn": "arn:aws:sts::%s:assumed-role/%s/%s"
                                    % (HOME, name, label)}}
    return record(n, minute, who, "sts", action, ip, request, response)


def the_records():
    saml = {"type": "SAMLUser", "principalId": "q:alice@acme.example",
            "userName": "alice@acme.example", "identityProvider": "q"}
    service = {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}
    developer = session("human-developer", "alice@acme.example", "ASIAALICE1", 0)
    ops = session("ops", "alice", "ASIAALICE2", 5)
    web = session("app-web", "i-0abc", "ASIAWEB1", 1, ec2RoleDelivery="2.0")
    return [
        mint("signs-in", 0, saml, BERLIN, "human-developer", "alice@acme.example",
             "ASIAALICE1", "AssumeRoleWithSAML", {"principalArn": PROVIDER}),
        mint("instance", 1, service, "ec2.amazonaws.com", "app-web", "i-0abc", "ASIAWEB1"),
        mint("goes-on", 5, developer, BERLIN, "ops", "alice", "ASIAALICE2"),
        record("at-home", 10, ops, "s3", "GetObject", BERLIN),
        record("in-the-cloud", 11, web, "kms", "Decrypt", CLOUD),
        record("stolen", 40, ops, "s3", "GetObject", MOSCOW),
        record("again", 45, ops, "iam", "ListUsers", MOSCOW),
        record("outside", 50, web, "s3", "ListBuckets", MOSCOW),
    ]


def lines(records):
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


def read(path):
    """The latest revision of each finding that lineage has a part in."""
    found = {}
    with open(path) as f:
        for text in f:
            if text.endswith("\n"):
                one = json.loads(text)
                found[one["id"]] = one
    told = {}
    for one in found.values():
        for reason in one["reasons"]:
            if reason["code"] in ("used_far_from_mint",
                                  "instance_credential_outside_cloud"):
                told.setdefault(reason["code"], []).append(one)
    return told


def check(told, uses):
    """`uses`: of Alice's session, from afar, as far as they must be told."""
    same(sorted(told), ["instance_credential_outside_cloud", "used_far_from_mint"],
         "what is told")
    far, = [f for f in told["used_far_from_mint"]
            if f["request"]["principal"] == role("ops")]
    same(far["event_ids"][:len(uses)], uses, "the uses")
    same([h["who"] for h in far["lineage"]], [ROOT, role("human-developer"), role("ops")],
         "the chain")
    same(far["lineage"][2]["credential"], "ASIAALICE2", "its credential")
    same(far["lineage"][2]["city"], "Berlin", "where it was minted")
    outside, = told["instance_credential_outside_cloud"]
    same(outside["event_ids"], ["outside"], "the instance's")
    same(outside["lineage"][0]["who"], "service:ec2.amazonaws.com", "its root")


def watched():
    """A daemon with places and findings."""
    folder = tempfile.mkdtemp(dir=daemon.work)
    d = Daemon([TCP], state=True, more=(
        "  - {type: file, path: %s/findings, format: json}\n"
        "geo: {databases: [%s]}\n" % (folder, ", ".join(GEO))))
    d.findings = os.path.join(folder, "findings")
    return d


def send(d, records):
    """The books tell when all of it is decided."""
    want = d.status()["books"]["received"] + len(records)
    with d.tcp() as s:
        s.sendall(lines(records))

    def is_decided():
        books = d.status()["books"]
        return books["received"] == want and books["in_flight"] == 0

    wait_for(is_decided, "%d records in the books" % want)


def tokens(d, *options):
    out = subprocess.run(
        [STSENTRY, "tokens", "--state", os.path.join(d.dir, "state"), "--json", *options],
        check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout
    return [json.loads(text) for text in out.splitlines()]


def story_scan_finds_both():
    folder = tempfile.mkdtemp(dir=daemon.work)
    path = os.path.join(folder, "log.ndjson")
    results = []
    for order in (1, -1):
        with open(path, "wb") as f:
            f.write(lines(the_records()[::order]))
        for threads in "1", "4":
            with open(os.path.join(folder, "out"), "wb") as out:
                subprocess.run(
                    [STSENTRY, "scan", "-q", "--threads", threads, "--format", "json",
                     "--geo", GEO[0], "--geo", GEO[1], path],
                    check=True, stdout=out, timeout=PATIENCE)
            told = read(out.name)
            check(told, ["stolen", "again"])
            results.append(told)
    same(results[1:], results[:-1], "every order and number of threads")


def story_the_daemon_finds_both_over_a_kill():
    d = watched()
    records = the_records()
    send(d, records[:5])
    wait_for(lambda: len(tokens(d)) == 3, "three credentials in the state")
    d.kill()
    d.start()
    wait_for(lambda: d.status()["books"]["received"], "the books of before")
    known = {t["credential"]: t for t in tokens(d)}
    same(sorted(known), ["ASIAALICE1", "ASIAALICE2", "ASIAWEB1"], "what is known")
    same(known["ASIAALICE2"]["root"], ROOT, "the root over a kill")
    send(d, records[5:])
    d.stop()
    check(read(d.findings), ["stolen"])


def story_a_use_comes_before_its_mint():
    d = watched()
    records = the_records()
    send(d, records[5:6])
    send(d, records[:5])
    d.stop()
    told = read(d.findings)
    same([f["request"]["event_id"] for f in told["used_far_from_mint"]][:1], ["goes-on"],
         "told at the mint")
    same([t["root"] for t in tokens(d) if t["credential"] == "ASIAALICE2"], [ROOT],
         "the root")


def story_tokens_are_chosen_and_ended():
    d = watched()
    send(d, the_records())
    d.stop()
    same(len(tokens(d, "--at", "2026-03-01T08:30:00Z")), 3, "alive then")
    same(tokens(d, "--alive"), [], "long over")
    same({t["credential"] for t in tokens(d, "--principal", "alice@acme")},
         {"ASIAALICE1", "ASIAALICE2"}, "Alice's")
    ops, = tokens(d, "--principal", "role/ops", "--revoke-hints")
    for part in ("--role-name ops", "aws:TokenIssueTime", "2026-03-01T08:45:01Z"):
        same(part in ops["revoke"], True, "%s in %s" % (part, ops["revoke"]))
    text = subprocess.run(
        [STSENTRY, "tokens", "-c", os.path.join(d.dir, "s.yaml")], check=True,
        stdout=subprocess.PIPE, timeout=PATIENCE).stdout.decode()
    same("%s > %s > %s\n" % (ROOT, role("human-developer"), role("ops")) in text, True, text)


if __name__ == "__main__":
    sys.exit(run_stories(globals()))
