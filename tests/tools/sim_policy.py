#!/usr/bin/env python3
"""Turn the allow-list of a simulated organisation into a policy.yaml: sim_policy.py POLICY_TRUTH.json > policy.yaml

The list has globs in which `*` matches anything, names principals as its records do (a session name that is an
e-mail address, a token's subject, account:ID), and has "-" for a request that is for the caller itself.
"""
import json
import re
import sys

OWN_TARGET = {"GetSessionToken", "GetSigninToken", "GetFederationToken"}


def pattern(glob):
    return glob.replace("[[]", "[").replace("*", "**")


def principals(name):
    """Ways of saying who: (principals, sessions)."""
    p = pattern(name)
    if p.startswith("arn:") or p.startswith("principal:") or p.startswith("serviceAccount:"):
        return [([p], None)]
    if p.startswith("account:"):
        return [([f"aws-account:{p[8:]}", f"aws-account:{p[8:]}/**"], None)]
    if p.endswith(".amazonaws.com"):
        return [([f"service:{p}"], None)]
    if p.endswith(".gserviceaccount.com"):
        return [([f"serviceAccount:{p}"], None)]
    if re.fullmatch(r"[^/: ]+@[^/: ]+", p):
        return [([f"user:{p}", f"**/{p}"], None), (["arn:aws:iam::*:role/**"], [p])]
    return [([f"**/{p}"], None)]


def target(glob):
    p = pattern(glob)
    if re.fullmatch(r"\d{12}", p):
        return f"arn:aws:iam::{p}:root"
    if p.endswith(".gserviceaccount.com"):
        return f"serviceAccount:{p}"
    return p if p.startswith("arn:") or p.startswith("**") else f"**{p}"


def rules(entry):
    own = [a for a in entry["actions"] if a in OWN_TARGET]
    other = [a for a in entry["actions"] if a not in OWN_TARGET]
    targets = [target(t) for t in entry["targets"] if t != "-"]
    for who, sessions in principals(entry["principal"]):
        for actions, at in ((own, None), (other, targets)):
            if not actions:
                continue
            rule = {"principals": who, "actions": [f"*:{a}" for a in actions],
                    "cloud_regions": entry["regions"] + ["global"]}
            if sessions:
                rule["sessions"] = sessions
            if at:
                rule["targets"] = at
            yield rule, entry["countries"]


def main():
    truth = json.load(open(sys.argv[1], encoding="utf-8"))
    out = []
    for entry in truth["rules"]:
        for rule, countries in rules(entry):
            if not countries:
                out.append(rule)
                continue
            # Countries bind public addresses only.
            out.append({**rule, "from": {"countries": countries}})
            out.append({**rule, "from": {"source_kinds": ["private", "cloud-service", "cloud-internal", "unknown"]}})
    for n, rule in enumerate(out):
        rule["id"] = f"r{n}"
        rule["owner"] = "simulation"
    print(json.dumps({"version": 1, "unlisted_principals": "alert", "rules": out}, indent=1))


if __name__ == "__main__":
    main()
