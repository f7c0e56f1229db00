#!/usr/bin/env python3
"""Write the audit logs of a made-up company with planted attacks: company.py FOLDER [SEED]

    history.ndjson  CloudTrail records and Cloud Audit entries, in order of time
    attacks.json    {event id: name of the attack}
    judge_from      when learning ends, as a time

Four weeks: three to learn from and one to judge.  People sign in through an identity provider, workloads
assume the role that is theirs, repositories deploy, a vendor reads, service accounts mint tokens.
In the last week ordinary things change (somebody starts, travels, a service is new, libraries are updated),
and ten attacks happen.  The same bytes for the same seed.  Addresses are those of RFC 5737 and RFC 3849.
"""
import json
import os
import random
import sys
from datetime import datetime, timedelta, timezone

START = datetime(2024, 2, 5, tzinfo=timezone.utc)  # a Monday
DAYS, LEARN = 28, 21
ACCOUNT, PROD, VENDOR = "111122223333", "444455556666", "777788889999"
OFFICE, CLOUD, CI = "198.51.100.", "203.0.113.", "192.0.2."
DENIED = {"errorCode": "AccessDenied", "errorMessage": "User is not authorized to perform: sts:AssumeRole"}


class Company:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.records, self.attacks, self.n = [], {}, 0

    # ---- records ----

    def put(self, t, record, attack):
        self.n += 1
        event = f"{self.n:08x}-0000-4000-8000-{self.r.getrandbits(48):012x}"
        if "protoPayload" in record:
            record.update(insertId=event, timestamp=t.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        else:
            record.update(eventID=event, eventTime=t.strftime("%Y-%m-%dT%H:%M:%SZ"))
        self.records.append((t, self.n, record))
        if attack:
            self.attacks[event] = attack

    def aws(self, t, name, identity, ip, agent, params, attack=None, account=ACCOUNT, source="sts", **more):
        self.put(t, {"eventVersion": "1.09", "userIdentity": identity, "eventSource": f"{source}.amazonaws.com",
                     "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": ip, "userAgent": agent,
                     "requestParameters": params, "eventType": "AwsApiCall", "recipientAccountId": account, **more},
                 attack)

    def gcp(self, t, who, target, ip, agent, attack=None, method="GenerateAccessToken"):
        project = who.split("@")[1].split(".")[0]
        self.put(t, {"logName": f"projects/{project}/logs/cloudaudit.googleapis.com%2Fdata_access",
                     "resource": {"type": "service_account", "labels": {"email_id": target, "project_id": project}},
                     "protoPayload": {"@type": "type.googleapis.com/google.cloud.audit.AuditLog", "status": {},
                                      "serviceName": "iamcredentials.googleapis.com", "methodName": method,
                                      "authenticationInfo": {"principalEmail": who},
                                      "requestMetadata": {"callerIp": ip, "callerSuppliedUserAgent": agent},
                                      "request": {"name": f"projects/-/serviceAccounts/{target}"}}}, attack)

    # ---- callers ----

    def assume(self, t, role, target, ip, agent, session, **more):
        identity = {"type": "AssumedRole", "principalId": f"AROA{role.upper()}:i-1", "accountId": ACCOUNT,
                    "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/i-1",
                    "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": ACCOUNT, "userName": role,
                                                         "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}"}}}
        self.aws(t, "AssumeRole", identity, ip, agent, {"roleArn": target, "roleSessionName": session}, **more)

    def person(self, t, who, role, ip, agent, **more):
        identity = {"type": "SAMLUser", "principalId": f"Okta:{who}", "userName": who, "identityProvider": "Okta"}
        params = {"roleArn": f"arn:aws:iam::{PROD}:role/{role}", "roleSessionName": who,
                  "principalArn": f"arn:aws:iam::{PROD}:saml-provider/Okta"}
        self.aws(t, "AssumeRoleWithSAML", identity, ip, agent, params, account=PROD, **more)

    def deploy(self, t, repo, role, **more):
        identity = {"type": "WebIdentityUser", "userName": f"repo:{repo}:ref:refs/heads/main",
                    "principalId": f"arn:aws:iam::{PROD}:oidc-provider/ci.example:repo:{repo}:ref:refs/heads/main",
                    "identityProvider": f"arn:aws:iam::{PROD}:oidc-provider/ci.example"}
        self.aws(t, "AssumeRoleWithWebIdentity", identity, CI + str(self.r.randrange(1, 250)), "ci-runner/3.1",
                 {"roleArn": f"arn:aws:iam::{PROD}:role/{role}", "roleSessionName": "ci"}, account=PROD, **more)

    def user(self, t, name, action, ip, agent, params, **more):
        self.aws(t, action, {"type": "IAMUser", "accountId": ACCOUNT, "userName": name,
                             "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}"}, ip, agent, params, **more)

    def vendor(self, t, account, ip, **more):
        self.aws(t, "AssumeRole", {"type": "AWSAccount", "principalId": "AROAVENDOR:sync", "accountId": account},
                 ip, "aws-sdk-go/1.5", {"roleArn": f"arn:aws:iam::{PROD}:role/vendor-read", "roleSessionName": "sync"},
                 account=PROD, **more)

    # ---- ordinary days ----

    def home(self, i):
        return f"2001:db8:{i + 1:x}::{i + 5:x}"

    def at(self, day, hour):
        return START + timedelta(days=day, hours=hour, seconds=self.r.randrange(0, 1800))

    def workday(self, day):
        week = day % 7 < 5
        for i in range(24):  # people; the last starts in the week that is judged
            if not week or (i == 23 and day < LEARN):
                continue
            role = ("developer", "operator", "analyst")[i % 3]
            for hour in sorted(self.r.sample(range(8, 17), 2)):
                office = self.r.random() < .6
                where = OFFICE + str(20 + i) if office else self.home(i)
                if i == 4 and day >= LEARN + 2:
                    where = self.home(400)  # travels
                self.person(self.at(day, hour), f"p{i}@acme.example", role, where, "Mozilla/5.0 Firefox/131.0")
        for i in range(6):
            if week:
                self.deploy(self.at(day, 10 + i % 4), f"acme/app{i}", f"deploy-{i}")
        if week:
            self.user(self.at(day, 9), "ops", "GetSessionToken", OFFICE + "9", "aws-cli/2.15", {})

    def machines(self, day):
        agent = "Boto3/1.40.1" if day < LEARN + 1 else "Boto3/1.41.0"
        for hour in range(0, 24, 2):
            for i in range(17):  # workloads; the last is new in the week that is judged
                if i < 16 or day >= LEARN + 3:
                    self.assume(self.at(day, hour), f"worker-{i}", f"arn:aws:iam::{PROD}:role/access-{i}",
                                CLOUD + str(10 + i), agent, f"w{i}")
            for i in range(6):
                self.gcp(self.at(day, hour), f"app{i}@acme-prod.iam.gserviceaccount.com",
                         f"data{i}@acme-prod.iam.gserviceaccount.com", CLOUD + str(60 + i), "gl-python/3.12")
            self.vendor(self.at(day, hour), VENDOR, CLOUD + "200")

    # ---- attacks ----

    def plant(self):
        d, far = LEARN + 1, self.home(900)
        role = f"arn:aws:iam::{PROD}:role/"
        sa = "@acme-prod.iam.gserviceaccount.com"
        self.assume(self.at(d, 3), "worker-3", role + "access-3", far, "python-requests/2.31", "w3", attack="stolen key")
        self.assume(self.at(d, 13), "worker-5", role + "admin", CLOUD + "15", "Boto3/1.41.0", "w5", attack="other role")
        t = self.at(d + 1, 4)
        for i in range(15):
            self.assume(t + timedelta(seconds=4 * i), "worker-7", f"{role}guess-{i}", CLOUD + "17", "Boto3/1.41.0", "x",
                        attack="enumeration", **DENIED)
        self.user(self.at(d + 1, 15), "ops", "GetFederationToken", far, "aws-cli/2.9",
                  {"name": "backup", "durationSeconds": 129600}, attack="federation token")
        self.deploy(self.at(d + 2, 1), "mallory/app2", "deploy-2", attack="foreign repository")
        self.gcp(self.at(d + 2, 14), "app2" + sa, "owner" + sa, CLOUD + "62", "gl-python/3.12", attack="other account")
        self.person(self.at(d + 3, 2), "p6@acme.example", "administrator", self.home(901), "Mozilla/5.0 Chrome/99.0",
                    attack="admin at night")
        self.vendor(self.at(d + 3, 11), "222233334444", self.home(902), attack="foreign account")
        self.aws(self.at(d + 4, 12), "GetSigninToken",
                 {"type": "AssumedRole", "principalId": "AROAWORKER-9:i-1", "accountId": ACCOUNT,
                  "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/worker-9/i-1",
                  "sessionContext": {"sessionIssuer": {"type": "Role", "accountId": ACCOUNT, "userName": "worker-9",
                                                       "arn": f"arn:aws:iam::{ACCOUNT}:role/worker-9"}}},
                 self.home(903), "Python-urllib/3.11", None, source="signin", attack="console pivot")
        self.gcp(self.at(d + 4, 20), "app4" + sa, "data4" + sa, self.home(904), "curl/8.5", attack="leaked key file")


def main():
    out = sys.argv[1]
    c = Company(int(sys.argv[2]) if len(sys.argv) > 2 else 526)
    for day in range(DAYS):
        c.workday(day)
        c.machines(day)
    c.plant()
    os.makedirs(out, exist_ok=True)
    with open(os.path.join(out, "history.ndjson"), "w", encoding="utf-8") as f:
        for _, _, record in sorted(c.records, key=lambda x: x[:2]):
            f.write(json.dumps(record, separators=(",", ":")) + "\n")
    with open(os.path.join(out, "attacks.json"), "w", encoding="utf-8") as f:
        json.dump(c.attacks, f)
    with open(os.path.join(out, "judge_from"), "w", encoding="utf-8") as f:
        f.write((START + timedelta(days=LEARN)).strftime("%Y-%m-%dT%H:%M:%SZ\n"))


if __name__ == "__main__":
    main()
