"""An independent count over decisions and findings, compared with a report: report.py FOLDER

FOLDER holds d.jsonl and f.jsonl, what `stsentry report` made of them (r.json, r.csv, r.html, r.nav, f.csv, controls.json), and
week.json, of a part of the month.
"""
import collections
import csv
import datetime
import json
import re
import sys

folder = sys.argv[1]
bad = 0


def check(what, got, want):
    global bad
    if got != want:
        bad += 1
        print(f"{what}: the report says {str(got)[:600]}, the count {str(want)[:600]}")


def lines(name):
    with open(f"{folder}/{name}", encoding="utf-8") as f:
        return [json.loads(line) for line in f]


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def verdicts(rows):
    n = collections.Counter(d["verdict"] for d in rows)
    return {"requests": len(rows), **{v: n[v] for v in ("expected", "unexpected", "suppressed", "learning")}}


def by(decisions, key):
    groups = collections.defaultdict(list)
    for d in decisions:
        groups[key(d)].append(d)
    return groups


def name(value):
    return "(not told)" if value is None else value


NUMBERS = ("requests", "expected", "unexpected", "suppressed", "learning")


def table(report, section, key, decisions, of):
    want = {k: verdicts(v) for k, v in by(decisions, of).items()}
    got = {}
    for row in report[section]["rows"]:
        got[tuple(row[c] for c in key) if isinstance(key, tuple) else row[key]] = {c: row[c] for c in NUMBERS}
    check(section, got, want)


def life(d):
    seconds = (moment(d["expires"]) - moment(d["time"])).total_seconds()
    for bound, word in ((900, "up to 15 min"), (3600, "up to 1 h"), (14400, "up to 4 h"), (43200, "up to 12 h"),
                        (86400, "up to 1 d"), (604800, "up to 7 d")):
        if seconds <= bound:
            return word
    return "longer"


def compare(report, decisions, findings):
    s = {row["what"]: row["number"] for row in report["summary"]["rows"]}
    check("requests", s["Requests for temporary credentials"], len(decisions))
    check("findings", s["Findings"], len({f["id"] for f in findings}))
    for outcome, words in (("success", "Requests that succeeded"), ("denied", "that were denied"),
                           ("failed", "that failed otherwise")):
        check(words, s[words], sum(d["outcome"] == outcome for d in decisions))
    for what, member in (("Principals", "principal"), ("Accounts and projects", "account"),
                         ("Cloud regions", "cloud_region")):
        check(what, s[what], len({d[member] for d in decisions} - {None}))
    table(report, "requests", ("principal", "for", "country"), decisions,
          lambda d: (name(d["principal"]), name(d["target"]), name(d["source"]["country"])))
    for section, column, member in (("principals", "principal", "principal"), ("targets", "target", "target"),
                                    ("actions", "action", "action"), ("kinds", "kind", "kind"),
                                    ("accounts", "account", "account"), ("regions", "region", "cloud_region")):
        table(report, section, column, decisions, lambda d, m=member: name(d[m]))
    table(report, "countries", "country", decisions, lambda d: name(d["source"]["country"]))
    days = by(decisions, lambda d: d["time"][:10])
    begun = collections.Counter(f["first_seen"][:10] for f in findings)
    for row in report["days"]["rows"]:
        check(row["day"], {c: row[c] for c in NUMBERS}, verdicts(days.pop(row["day"], [])))
        check("findings of " + row["day"], row["findings"], begun[row["day"]])
    check("days without a row", days, {})
    reasons = collections.Counter(c for d in decisions for c in {r["code"] for r in d["reasons"]})
    check("reasons", {r["reason"]: r["requests"] for r in report["reasons"]["rows"]}, dict(reasons))
    lives = collections.Counter("does not say" if d["expires"] is None else life(d)
                                for d in decisions if d["outcome"] == "success")
    check("lifetimes", {r["lives"]: r["issued"] for r in report["lifetimes"]["rows"] if r["issued"]}, dict(lives))
    errors = by([d for d in decisions if d["outcome"] != "success"], lambda d: name(d["error"]))
    check("errors", {r["error"]: r["requests"] for r in report["denied"]["rows"]},
          {k: len(v) for k, v in errors.items()})
    seen = by(decisions, lambda d: (d["account"], d["cloud_region"], d["action"].split(":")[0]))
    check("coverage", {(r["account"], r["region"], r["service"]): (r["requests"], r["days"])
                       for r in report["coverage"]["rows"]},
          {k: (len(v), len({d["time"][:10] for d in v})) for k, v in seen.items()})
    acked = {f["id"]: (a["time"], a["by"], "yes" if a["taught"] else "no")
             for f in findings if (a := f.get("acknowledged"))}
    check("acknowledged", {r["id"]: (r["acknowledged"], r["by"], r["taught"])
                           for r in report["acknowledged"]["rows"]}, acked)
    check("findings told", sorted(r["id"] for r in report["findings"]["rows"]), sorted(f["id"] for f in findings))


PATTERNS = {"**": ".*", "*": "[^:/]*"}


def fits(pattern, principal):
    """As policy.yaml says: * within a segment, ** across."""
    parts = re.split(r"(\*\*|\*)", pattern)
    return re.fullmatch("".join(PATTERNS.get(p, re.escape(p)) for p in parts), principal) is not None


def states(decisions, member):
    """New, gone, passing or steady, by the first and the last quarter of the days."""
    days = sorted(d["time"][:10] for d in decisions)
    first, last = moment(days[0] + "T00:00:00Z"), moment(days[-1] + "T00:00:00Z") + datetime.timedelta(days=1)
    early, late = first + (last - first) / 4, last - (last - first) / 4
    words = {}
    for who, some in by(decisions, lambda d: name(d[member])).items():
        times = [moment(d["time"]) for d in some]
        words[who] = {(True, True): "passing", (True, False): "new", (False, True): "gone",
                      (False, False): "steady"}[(min(times) >= early, max(times) < late)]
    return words


def compare_states(report, decisions):
    for section, column in (("principals", "principal"), ("targets", "target")):
        check("states of " + section, {r[column]: r["state"] for r in report[section]["rows"]},
              states(decisions, column))
    want = {k: v for k, v in states(decisions, "principal").items() if v != "steady" and k != "(not told)"}
    check("changes", {r["principal"]: r["state"] for r in report["changes"]["rows"]}, want)
    check("changes have their numbers", [r for r in report["principals"]["rows"] if r["principal"] in want
                                         and r not in report["changes"]["rows"]], [])


def compare_approved(report, decisions, approved):
    """`approved`: the policy's lists, or None without one."""
    for section, column, of, key, code in (
            ("accounts", "account", lambda d: d["account"], "accounts", "account_not_approved"),
            ("regions", "region", lambda d: d["cloud_region"], "cloud_regions", "cloud_region_not_approved"),
            ("countries", "country", lambda d: d["source"]["country"], "countries", "country_not_approved")):
        refused = collections.Counter(name(of(d)) for d in decisions if code in {r["code"] for r in d["reasons"]})
        check("refused " + section, {r[column]: r["refused"] for r in report[section]["rows"] if r["refused"]},
              dict(refused))
        for r in report[section]["rows"]:
            word = None if approved is None or r[column] == "(not told)" else \
                "approved" if any(fits(p, r[column]) for p in approved[key]) else "unapproved"
            check(f"approved {section} {r[column]}", r["policy"], word)


def compare_rules(report, decisions, rules):
    """`rules`: of each its principals and its longest lifetime in seconds."""
    lives = collections.defaultdict(list)
    for d in decisions:
        rule = [k for k, v in rules.items() if any(fits(p, d["principal"]) for p in v[0])]
        if rule and d["outcome"] == "success" and d["expires"]:
            lives[rule[0]].append((moment(d["expires"]) - moment(d["time"])).total_seconds())
    want = {k: (len(lives[k]), sum(s > most for s in lives[k]) if most else 0)
            for k, (_, most) in rules.items() if most or lives[k]}
    check("lifetimes of rules", {r["rule"]: (r["issued"], r["longer"]) for r in report["durations"]["rows"]}, want)
    units = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    for r in report["durations"]["rows"]:
        number, unit = r["longest"].split() if r["longest"] else ("0", "s")
        check("the longest of " + r["rule"], int(number) * units[unit], int(max(lives[r["rule"]], default=0)))
    seen = {d["principal"] for d in decisions} - {None}
    check("principals that never asked", [(r["rule"], r["principal"]) for r in report["absent"]["rows"]],
          [(k, p) for k, v in rules.items() for p in v[0] if not any(fits(p, s) for s in seen)])


def load(file):
    with open(f"{folder}/{file}", encoding="utf-8") as f:
        return {s["id"]: s for s in json.load(f)["sections"]}


decisions, findings = lines("d.jsonl"), lines("f.jsonl")
report = load("r.json")
compare(report, decisions, findings)
compare_states(report, decisions)
compare_approved(report, decisions, None)

start, end = "2026-03-10T00:00:00Z", "2026-03-17T12:00:00Z"
week = load("week.json")
inside = [d for d in decisions if start <= d["time"] < end]
around = [f for f in findings if f["last_seen"] >= start and f["first_seen"] < end]
check("requests of a week", week["summary"]["rows"][0]["number"], len(inside))
check("findings of a week", len(week["findings"]["rows"]), len(around))
check("what is left out", [r["number"] for r in week["input"]["rows"] if "outside" in r["what"]],
      [len(decisions) - len(inside)])

told = load("policy.json")
acme = [d for d in decisions if d["verdict"] == "suppressed" and d["principal"].endswith("Okta/carol@acme.example")
        and "country_not_approved" in {r["code"] for r in d["reasons"]}]
check("exceptions", [(r["exception"], r["state"], r["used"]) for r in told["exceptions"]["rows"]],
      [("OLD", "ended", 0), ("SOON", "ending", 0), ("ACME-812", "open", len(acme))])
check("unused rules", [(r["rule"], r["owner"]) for r in told["unused"]["rows"]], [("nobody", "it@acme.example")])
# What policy.yaml of the example says, and the rule that nobody needs.
compare_approved(told, decisions, {"accounts": ["111122223333", "444455556666", "projects/acme-prod"],
                                   "cloud_regions": ["us-east-1", "eu-west-1", "global"],
                                   "countries": ["DE", "IE", "US"]})
compare_rules(told, decisions, {
    "nobody": (["arn:aws:iam::9:user/nobody"], None),
    "humans": (["arn:aws:iam::*:saml-provider/Okta/*", "user:*@acme.example"], 12 * 3600),
    "ci-deploys": (["arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com/repo:acme/**"], 3600),
    "workloads": (["arn:aws:iam::111122223333:role/app-*", "serviceAccount:*@acme-prod.iam.gserviceaccount.com"], None),
    "backup-user": (["arn:aws:iam::111122223333:user/backup"], 3600)})
OF_POLICY = ("exceptions", "unused", "durations", "absent")
for section in report:
    if section not in OF_POLICY:
        check(f"{section} with a policy", [{**r, "policy": None} for r in told[section]["rows"]],
              [{**r, "policy": None} for r in report[section]["rows"]])
check("without a policy", sum((report[s]["rows"] for s in OF_POLICY), []), [])

held = [d for d in lines("held.jsonl") if d["verdict"] == "suppressed"
        and "principal_not_allowed" in {r["code"] for r in d["reasons"]}]
check("something is held back", len(held) > 0, True)
for file, some in (("held.json", held), ("held-week.json", [d for d in held if start <= d["time"] < end])):
    check("used in " + file, load(file)["exceptions"]["rows"][0]["used"], len(some))

# CSV is another view of the same values.
values = {(v["section"], int(v["row"]), v["column"]): v["value"] for v in csv.DictReader(open(f"{folder}/r.csv"))}
for section in report.values():
    for i, row in enumerate(section["rows"], 1):
        for column, value in row.items():
            told = values.pop((section["id"], i, column), None)
            if told != ("" if value is None else str(value)):
                check(f"CSV {section['id']} {i} {column}", told, value)
check("CSV has more", values, {})
check("findings as a table", [r["id"] for r in csv.DictReader(open(f"{folder}/f.csv"))],
      [r["id"] for r in report["findings"]["rows"]])

layer = json.load(open(f"{folder}/r.nav"))
check("layer", [(t["techniqueID"], t["score"]) for t in layer["techniques"]],
      [("T1550", len(findings)), ("T1550.001", len(findings))])

controls = load("controls.json")["controls"]["rows"]
check("controls", {r["state"] for r in controls if r["evidence"] is None}, {"uncovered"})
check("frameworks", sorted({r["version"] for r in controls}), ["2017", "5.0"])
check("controls once", len({(r["framework"], r["control"]) for r in controls}), len(controls))

page = open(f"{folder}/r.html", encoding="utf-8").read().replace("<wbr>", "")
check("a script or an address", re.findall(r"<script|<link|<img|\ssrc=|href=\"[^#]|url\(|\son\w+=|\sstyle=", page), [])
check("its policy", "default-src 'none'" in page, True)
check("too large a page", len(page) < 1 << 20, True)
for f in findings:
    if f["id"] not in page:
        check("page without finding", None, f["id"])
sys.exit(bad > 0)
