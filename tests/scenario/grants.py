"""The first token after somebody was let ask for it: scan and daemon.

    grants.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

Eight users take role app three times a day, every third of them role deploy
once, for a month; then one who never had deploy takes it.  A pipeline makes a
role every day.
"""
import datetime
import json
import os
import subprocess
import sys
import tempfile

import daemon
from daemon import PATIENCE, SRC, Daemon, run_stories, same, wait_for
from lineage import STSENTRY, TCP, lines, send

GEO = [os.path.abspath(os.path.join(SRC, "tests/data", f))
       for f in ("geo-city.mmdb", "geo-asn.mmdb")]
HOME = "111122223333"
START = datetime.datetime(2026, 3, 1, 8, 0)
DAYS = 30
DEPLOYER = "deploy@acme-prod.iam.gserviceaccount.com"


def at(day, minute):
    moment = START + datetime.timedelta(days=day, minutes=minute)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def aws(n, day, minute, user, source, name, request, response=None):
    return {"eventVersion": "1.10",
            "userIdentity": {"type": "IAMUser", "userName": user, "accountId": HOME,
                             "arn": "arn:aws:iam::%s:user/%s" % (HOME, user),
                             "accessKeyId": "AKIA" + user.upper()},
            "eventTime": at(day, minute), "eventSource": source + ".amazonaws.com",
            "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.9",
            "userAgent": "aws-cli/2.15", "requestParameters": request,
            "responseElements": response, "eventID": n, "recipientAccountId": HOME}


def take(n, day, minute, user, role):
    return aws(n, day, minute, user, "sts", "AssumeRole",
               {"roleArn": "arn:aws:iam::%s:role/%s" % (HOME, role),
                "roleSessionName": user, "durationSeconds": 3600},
               {"credentials": {"accessKeyId": "ASIA" + n.upper(),
                                "expiration": at(day, minute + 60)}})


def trust(n, day, minute, user, role):
    return aws(n, day, minute, user, "iam", "UpdateAssumeRolePolicy", {"roleName": role})


def gcp(n, day, minute, who, service, method, **payload):
    return {"insertId": n, "timestamp": at(day, minute),
            "logName": "projects/acme-prod/logs/cloudaudit.googleapis.com%2Fdata_access",
            "resource": {"type": "service_account", "labels": {
                "project_id": "acme-prod", "email_id": payload.pop("account")}},
            "protoPayload": {
                "serviceName": service + ".googleapis.com", "methodName": method,
                "authenticationInfo": {"principalEmail": who},
                "requestMetadata": {"callerIp": "198.51.100.9",
                                    "callerSuppliedUserAgent": "gcloud/501"}, **payload}}


def token(n, day, minute, who, account):
    return gcp(n, day, minute, who, "iamcredentials", "GenerateAccessToken", account=account)


def creator(n, day, minute, who, member):
    delta = {"action": "ADD", "role": "roles/iam.serviceAccountTokenCreator", "member": member}
    return gcp(n, day, minute, who, "iam", "google.iam.admin.v1.SetIAMPolicy", account=DEPLOYER,
               serviceData={"policyDelta": {"bindingDeltas": [delta]}})


def history():
    records = []
    for day in range(DAYS):
        records.append(trust("p%d" % day, day, 1, "pipeline", "of-day-%d" % day))
        for user in range(8):
            records += [take("a%d-%d-%d" % (day, user, turn), day, 7 * user + 60 * turn,
                             "u%d" % user, "app") for turn in range(3)]
            mail = "u%d@acme.example" % user
            records.append(token("g%d-%d" % (day, user), day, 7 * user + 2, mail,
                                 "app@acme-prod.iam.gserviceaccount.com"))
            if user % 3 == 0:
                records.append(take("d%d-%d" % (day, user), day, 7 * user + 200,
                                    "u%d" % user, "deploy"))
                records.append(token("e%d-%d" % (day, user), day, 7 * user + 3, mail, DEPLOYER))
    return records


def last_of(text, events):
    """The findings of these events, and the verdicts."""
    found = {}
    for one in (json.loads(t) for t in text.splitlines() if t.endswith("}")):
        for event in one["event_ids"]:
            if event in events:
                found[event] = one
    return found


def scan(records, *more):
    folder = tempfile.mkdtemp(dir=daemon.work)
    log = os.path.join(folder, "log.ndjson")
    with open(log, "wb") as f:
        f.write(lines(records))
    out = subprocess.run([STSENTRY, "scan", "-q", "--format", "json", "--geo", GEO[0],
                          "--geo", GEO[1], *more, log],
                         check=True, stdout=subprocess.PIPE, timeout=PATIENCE).stdout
    return last_of(out.decode(), {"first"})["first"], log


def weight(finding):
    return {r["code"]: r["weight"] for r in finding["reasons"]}["new_target"]


def check(finding, told, maker, action):
    same(", 4 minutes after %s called %s" % (maker, action) in finding["title"], told,
         finding["title"])


def story_scan_tells_who_made_it_possible():
    first = take("first", DAYS, 104, "u1", "deploy")
    alone, _ = scan(history() + [first])
    check(alone, False, "u1", "iam:UpdateAssumeRolePolicy")
    after, log = scan(history() + [first, trust("change", DAYS, 100, "u1", "deploy")])
    check(after, True, "u1", "iam:UpdateAssumeRolePolicy")
    same(weight(after) > weight(alone) + 5, True, "the weight")
    same(after["score"] > alone["score"], True, "the score")
    same([", event change)" in step for step in after["next_steps"]].count(True), 1,
         after["next_steps"])
    same((alone["severity"], after["severity"]), ("low", "medium"), "the severity")
    # Whose change every day is no news; another role; too long ago; denied.
    usual, _ = scan(history() + [trust("change", DAYS, 100, "pipeline", "deploy"), first])
    check(usual, True, "pipeline", "iam:UpdateAssumeRolePolicy")
    same(usual["severity"], "low", "the severity of every day")
    denied = trust("change", DAYS, 100, "u1", "deploy")
    denied["errorCode"] = "AccessDenied"
    for change in (trust("change", DAYS, 100, "u1", "app"), denied,
                   trust("change", DAYS - 2, 104, "u1", "deploy"),
                   trust("change", DAYS, 105, "u1", "deploy")):
        same(scan(history() + [change, first])[0], alone, "without a part in it")
    explained = subprocess.run(
        [STSENTRY, "explain", "--geo", GEO[0], "--geo", GEO[1], "first", log], check=True,
        stdout=subprocess.PIPE, timeout=PATIENCE).stdout.decode()
    same("4 minutes after u1 called iam:UpdateAssumeRolePolicy" in explained, True, explained)


def story_google_tells_to_whom():
    first = token("first", DAYS, 104, "u1@acme.example", DEPLOYER)
    alone, _ = scan(history() + [first])
    for who, told in ("user:U1@acme.example", True), ("user:u2@acme.example", False), (
            "group:everybody@acme.example", True):
        after, _ = scan(history() + [first, creator("change", DAYS, 100, "eve@acme.example", who)])
        check(after, told, "eve@acme.example", "gcp-iam:SetIAMPolicy")
        same(weight(after) > weight(alone), told, "the weight, given to " + who)


def story_the_window_is_an_option():
    config = os.path.join(tempfile.mkdtemp(dir=daemon.work), "s.yaml")
    records = history() + [trust("change", DAYS, 100, "u1", "deploy"),
                           take("first", DAYS, 104, "u1", "deploy")]
    for window, told in ("3m", False), ("0", False), ("4m", True):
        with open(config, "w") as f:
            f.write("version: 1\ndetect: {grants: %s}\n" % window)
        check(scan(records, "-c", config)[0], told, "u1", "iam:UpdateAssumeRolePolicy")


def story_the_daemon_remembers_over_a_kill():
    folder = tempfile.mkdtemp(dir=daemon.work)
    findings = os.path.join(folder, "findings")
    d = Daemon([TCP], state=True, more=(
        "  - {type: file, path: %s, format: json}\ngeo: {databases: [%s]}\n"
        % (findings, ", ".join(GEO))))
    send(d, history())
    # The request is decided behind the change, and kept with it.
    send(d, [trust("change", DAYS, 100, "u1", "deploy"), take("mark", DAYS, 101, "u2", "app")])
    wait_for(lambda: "mark" in [x["event_id"] for x in d.ledger()], "the change is kept")
    wait_for(lambda: d.status()["grants"]["noted"] == DAYS + 1, "changes in /status")
    d.kill()
    d.start()
    wait_for(lambda: d.status()["grants"]["known"] == 1, "the change of the last day")
    send(d, [take("first", DAYS, 104, "u1", "deploy")])
    wait_for(lambda: d.status()["grants"]["found"] == 1, "found in /status")
    d.stop()
    with open(findings) as f:
        found = last_of(f.read(), {"first"})["first"]
    check(found, True, "u1", "iam:UpdateAssumeRolePolicy")


if __name__ == "__main__":
    sys.exit(run_stories(globals()))
