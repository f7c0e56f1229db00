"""Strict readers of what services take, for tests/scenario/presets.

STSENTRY_FINDINGS (100) says how many findings with hostile strings at random
go through each preset and each format, beside those that are tried one by one.
"""
import base64
import csv
import hashlib
import hmac
import http.server
import json
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import threading

SRC, BIN = sys.argv[1:3]
STSENTRY = os.path.join(BIN, "stsentry")
KEY = b"stsentry-test-signing-key-00"
SECRET = "whsec_" + base64.b64encode(KEY).decode()

HOSTILE = [
    "\r\nX-Injected: 1\r\n\r\n", "\u0000\u0001\u001b[31m", "\u202egnp.exe\u2066", "\u2028\u2029",
    "<!channel> <@U123> <https://evil.example|click>", "@channel @all @here @everyone <@&1>",
    "[click](https://evil.example) ![x](http://evil.example/x.png)", "<script>alert(1)</script>&amp;",
    "**bold** _em_ `code` ~~x~~ ||spoiler|| # head\n> quote", "=cmd|'/c calc'!A0", '"},"x":{"', "\\", "\\\"", "{{title}} {{$token}}",
    "{{#each reasons}}", "%0d%0a%00 %s%n", "x" * 5000, "\U0001f600" * 3000, "\ud800 lone", "' OR 1=1 --", "```\nfence\n```",
    "$(reboot) `reboot`", "<users/all>", "https://evil.example/?q=1", "@SUM(1)", "+1+1", "-2", "\t=1", "a|b=c\\|d", "]: evil",
    "\ue000 bad bytes",
]
BAD_BYTES = b"\xff\xfe\x80\xe2\x82"  # what U+E000 becomes in the file
FINDINGS = int(os.environ.get("STSENTRY_FINDINGS", "100"))
HUGE = "<&*_`|" * 50000
PATHS = [
    ("title",), ("request", "principal"), ("request", "action"), ("request", "target"), ("request", "account"),
    ("request", "session"), ("request", "user_agent"), ("request", "error"), ("request", "source", "name"),
    ("request", "source", "city"), ("request", "source", "org"), ("request", "cloud_region"), ("request", "event_id"),
    ("reasons", 0, "observed"), ("next_steps", 0),
]


def fail(text):
    sys.exit(f"presets: {text}")


def need(ok, text):
    if not ok:
        raise AssertionError(text)


# ---- what all have in common ----

def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)
    elif isinstance(value, dict):
        for k, v in value.items():
            yield k
            yield from strings(v)


# All controls but LF, bidi controls, and the two separators of lines.
STEERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u2028\u2029\ud800-\udfff]")


def check_text(s):
    found = STEERS.search(s)
    need(not found, f"U+{ord(found.group()):04X} in {s[:80]!r}" if found else "")


def units(s):
    return len(s.encode("utf-16-le")) // 2


def at_most(s, n, what):
    need(isinstance(s, str) and units(s) <= n, f"{what}: {units(s)} units, more than {n}")


def members(value, names, what):
    need(isinstance(value, dict) and set(value) <= set(names), f"{what}: {sorted(set(value) - set(names))}")


# ---- one reader a service ----

def slack(b):
    members(b, ["text", "blocks"], "slack")
    need(1 <= len(b["blocks"]) <= 50, "blocks")
    for block in b["blocks"]:
        need(block["type"] in ("section", "context", "header", "divider"), "block type")
        texts = [block["text"]] if "text" in block else []
        fields = block.get("fields", []) + block.get("elements", [])
        need(len(fields) <= 10, "fields")
        for t in texts:
            at_most(t["text"], 3000, "section text")
        for t in fields:
            at_most(t["text"], 2000, "field")
        for t in texts + fields:
            need(t["text"] and t["type"] in ("mrkdwn", "plain_text"), "text object")
            need(t["type"] != "mrkdwn" or t.get("verbatim") is True, "links would be made")
        for t in texts + fields:  # outside of `code` only our own *Words* are bold
            rest = re.sub(r"`[^`\n]*`", "", t["text"]) if t["type"] == "mrkdwn" else ""
            need(not re.search("[*_~`]", re.sub(r"^\*[A-Z][a-z ]+\*", "", rest)), f"markup in {t['text'][:80]!r}")
    for s in strings(b):
        need("<" not in s and ">" not in s, f"markup in {s[:80]!r}")


def teams(b):
    need(len(json.dumps(b, ensure_ascii=False).encode()) <= 28 * 1024, "28 KB")
    need(b["type"] == "message" and len(b["attachments"]) == 1, "message")
    card = b["attachments"][0]["content"]
    need(card["type"] == "AdaptiveCard" and card["version"] <= "1.5", "card")
    for block in card["body"]:
        if block["type"] == "TextBlock":  # knows Markdown: only ours
            need(re.fullmatch(r"[A-Za-z ]+", block["text"]), f"text of others in Markdown: {block['text'][:80]!r}")
        else:
            need(block["type"] == "RichTextBlock", block["type"])
            for run in block["inlines"]:
                need(run["type"] == "TextRun" and isinstance(run["text"], str), "run")


def discord(b):
    need(b["allowed_mentions"] == {"parse": []}, "mentions are allowed")
    need(1 <= len(b["embeds"]) <= 10, "embeds")
    total = 0
    for e in b["embeds"]:
        at_most(e["title"], 256, "title")
        at_most(e["description"], 4096, "description")
        markdown(e["title"])
        markdown(e["description"])
        need(len(e["fields"]) <= 25, "fields")
        for f in e["fields"]:
            need(f["name"] and f["value"], "an empty field")
            at_most(f["name"], 256, "name")
            at_most(f["value"], 1024, "value")
            markdown(f["value"])
            total += units(f["name"]) + units(f["value"])
        total += units(e["title"]) + units(e["description"]) + units(e.get("footer", {}).get("text", ""))
    need(total <= 6000, f"{total} units")


def markdown(s):
    """Nothing of others means anything: outside of code every mark has its
    backslash, and no colon or @ stands where it could be an address."""
    rest = re.sub(r"```\n.*?\n```", "", s, flags=re.S)
    rest = re.sub(r"`[^`\n]*`", "", rest)
    rest = re.sub(r"…\[cut\](?!\()", "", rest)
    rest = re.sub(r"\\[!-/:-@\[-`{-~]", "", rest)
    found = re.search(r"[`\[\]<>#_~]|\w:/|@\w", rest)
    need(not found, f"{found.group()!r} in {s[max(0, s.find(found.group()) - 40):][:120]!r}" if found else "")


def mattermost(b):
    at_most(b["text"], 16383, "text")
    markdown(b["text"])
    need(not re.search("^ *[|]", b["text"], re.M), "a table: a bar in code would end its cell")


def google_chat(b):
    need(len(json.dumps(b, ensure_ascii=False).encode()) <= 32000, "32,000 bytes")
    for c in b["cardsV2"]:
        at_most(c["card"]["header"]["title"], 200, "title")
        for section in c["card"]["sections"]:
            for w in section["widgets"]:
                need(len(w) == 1 and set(w) <= {"decoratedText", "textParagraph", "divider"}, f"widget {sorted(w)}")
                text = list(w.values())[0]["text"]
                rest = re.sub(r"</?(?:b|i|br|code)>", "", text)
                need("<" not in rest and ">" not in rest, f"markup in {text[:80]!r}")


def pagerduty(b):
    members(b, ["routing_key", "event_action", "dedup_key", "client", "client_url", "payload", "links", "images"], "event")
    p = b["payload"]
    members(p, ["summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"], "payload")
    need(b["event_action"] == "trigger" and 0 < len(b["dedup_key"]) <= 255, "event")
    need(p["summary"] and p["source"] and p["severity"] in ("critical", "error", "warning", "info"), "payload")
    at_most(p["summary"], 1024, "summary")
    need(len(json.dumps(b).encode()) <= 512 * 1024, "512 KB")


def opsgenie(b):
    at_most(b["message"], 130, "message")
    at_most(b["alias"], 512, "alias")
    at_most(b["description"], 15000, "description")
    at_most(b.get("entity", ""), 512, "entity")
    at_most(b.get("source", ""), 100, "source")
    need(b.get("priority", "P3") in ("P1", "P2", "P3", "P4", "P5"), "priority")
    need(len(b.get("tags", [])) <= 20 and all(units(t) <= 50 for t in b.get("tags", [])), "tags")


def adf(node):
    need(node["type"] in ("doc", "paragraph", "text", "hardBreak", "heading", "orderedList", "listItem"), node["type"])
    inside = {"orderedList": "listItem", "listItem": "paragraph"}.get(node["type"])
    if inside:
        need(node["content"] and all(c["type"] == inside for c in node["content"]), f"{node['type']} without {inside}")
    if node["type"] == "text":
        need(node["text"], "an empty text")
    for child in node.get("content", []):
        adf(child)


def jira(b):
    f = b["fields"]
    need(f["summary"] and units(f["summary"]) <= 255 and "\n" not in f["summary"], "summary")
    for label in f["labels"]:
        need(label and not re.search(r"\s", label) and units(label) <= 255, f"label {label[:80]!r}")
    need(f["description"]["type"] == "doc" and f["description"]["version"] == 1, "description")
    adf(f["description"])
    need(len(json.dumps(f["description"], ensure_ascii=False)) <= 32767, "description")


def servicenow(b):
    at_most(b["short_description"], 160, "short_description")
    at_most(b["description"], 4000, "description")
    need(b["urgency"] in ("1", "2", "3") and b["impact"] in ("1", "2", "3"), "urgency, impact")


def thehive(b):
    need(b["type"] and b["source"] and b["severity"] in (1, 2, 3, 4), "alert")
    at_most(b["sourceRef"], 128, "sourceRef")
    at_most(b["title"], 512, "title")
    markdown(b["description"])


def alertmanager(b):
    need(isinstance(b, list) and b, "alerts")
    for alert in b:
        members(alert, ["labels", "annotations", "startsAt", "endsAt", "generatorURL"], "alert")
        for name, value in list(alert["labels"].items()) + list(alert["annotations"].items()):
            need(re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) and isinstance(value, str), f"label {name}")


def splunk_hec(b):
    members(b, ["time", "host", "source", "sourcetype", "index", "event", "fields"], "event")
    need(isinstance(b.get("time", 0), (int, float)) and b["event"], "event")


def loki(b):
    for stream in b["streams"]:
        need(all(isinstance(v, str) for v in stream["stream"].values()), "labels")
        for at, line, *more in stream["values"]:
            need(re.fullmatch(r"[0-9]{10,19}", at) and isinstance(json.loads(line), dict), "value")
            for labels in more:  # structured metadata
                need(all(isinstance(v, str) for v in labels.values()), "metadata")


def otlp(b):
    for resource in b["resourceLogs"]:
        for scope in resource["scopeLogs"]:
            for r in scope["logRecords"]:
                need(re.fullmatch(r"[0-9]+", r["timeUnixNano"]) and 1 <= r["severityNumber"] <= 24, "record")
                for a in r["attributes"]:
                    need(a["key"] and len(a["value"]) == 1, "attribute")


def webhook(b):
    members(b, ["type", "timestamp", "data"], "event")
    name = "event_id" if b["type"] == "decision" else "id"
    need(re.fullmatch(r"[a-z._]+", b["type"]) and b["timestamp"] and b["data"][name], "event")


def elasticsearch(pair):
    action, document = pair
    need(set(action) == {"create"} and action["create"]["_id"], "bulk")
    need(document["stsentry"]["id" if document["event"]["kind"] == "alert" else "event_id"], "document")


READERS = {
    "generic": webhook, "n8n": webhook, "slack": slack, "teams": teams, "discord": discord, "mattermost": mattermost,
    "google-chat": google_chat, "pagerduty": pagerduty, "opsgenie": opsgenie, "jsm": opsgenie, "jira": jira,
    "servicenow": servicenow, "thehive": thehive, "alertmanager": alertmanager, "splunk-hec": splunk_hec,
    "elasticsearch": elasticsearch, "loki": loki, "otlp": otlp,
}


# They get the finding as it is: its strings are data there, escaped as JSON.
FOR_MACHINES = {"generic", "n8n", "splunk-hec", "elasticsearch", "loki", "otlp"}


def run(*args, **kw):
    return subprocess.run([STSENTRY, *args], capture_output=True, check=False, timeout=600, **kw)


def put(finding, path, value):
    at = finding
    for step in path[:-1]:
        at = at[step]
    if isinstance(path[-1], int) or path[-1] in at:
        at[path[-1]] = value


def hostile(samples):
    """One string in one place each, and each string everywhere at once."""
    for i, text in enumerate(HOSTILE):
        everywhere = json.loads(samples[i % len(samples)])
        for path in PATHS:
            put(everywhere, path, text)
        yield everywhere
        one = json.loads(samples[(i + 1) % len(samples)])
        put(one, PATHS[i % len(PATHS)], text)
        yield one
    for path in PATHS[::5]:
        one = json.loads(samples[0])
        put(one, path, HUGE)
        yield one
    chance = random.Random(1)
    for i in range(FINDINGS):
        one = json.loads(samples[i % len(samples)])
        for path in PATHS:
            if chance.random() < 0.4:
                put(one, path, "".join(chance.choices(HOSTILE, k=chance.randint(1, 3))))
        if i % 500 == 7:
            put(one, ("request", "user_agent"), HUGE)
        yield one


def bodies(preset, text):
    """The JSON values of a text; the two of a bulk as a pair."""
    decoder = json.JSONDecoder()
    values = []
    at = 0
    while at < len(text):
        value, end = decoder.raw_decode(text, at)
        values.append(value)
        at = end + len(text[end:]) - len(text[end:].lstrip())
    return list(zip(values[::2], values[1::2])) if preset == "elasticsearch" else values


def check_preset(preset, path, n):
    done = run("convert", "--preset", preset, path)
    need(done.returncode == 0, f"status {done.returncode}: {done.stderr[:300]!r}")
    text = done.stdout.decode("utf-8")
    check_text(text)
    found = bodies(preset, text)
    need(len(found) == n, f"{len(found)} bodies of {n} findings")
    for body in found:
        for s in strings(body) if preset not in FOR_MACHINES else ():
            check_text(s)
        READERS[preset](body)


# ---- formats ----

def one_line(data, n):
    lines = data.split("\n")
    need(lines.pop() == "" and len(lines) == n, f"{len(lines)} lines of {n} findings")
    for s in lines:
        check_text(s)
    return lines


def json_lines(data, n):
    for s in one_line(data, n):
        need(isinstance(json.loads(s), dict), "no object")


def csv_rows(data, n):
    rows = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    need(len(rows) == n + 1 and len({len(r) for r in rows}) == 1, "rows of one length")
    for cell in (c for row in rows[1:] for c in row):
        check_text(cell)
        need(not re.match(r"\s*[=+@\t\r]|-\D", cell), f"a formula: {cell[:80]!r}")


def cef(data, n):
    for s in one_line(data, n):
        head = re.match(r"CEF:[01]\|(?:(?:[^|\\]|\\[\\|])*\|){6}", s)
        need(head, f"no head: {s[:80]!r}")
        need(not re.search(r"(?<!\\)(?:\\\\)*\\[^\\=nr|]", s[head.end():]), "an escape that is none")


def leef(data, n):
    for s in one_line(data.replace("\t", " "), n):
        need(s.startswith("LEEF:2.0|"), f"no head: {s[:80]!r}")


def syslog(data, n):
    for s in one_line(data, n):
        need(re.match(r"<\d{1,3}>", s), f"no priority: {s[:80]!r}")


def text(data, _):
    for s in data.split("\n"):
        check_text(s)


csv.field_size_limit(1 << 24)
FORMATS = {"json": json_lines, "ocsf": json_lines, "ecs": json_lines, "csv": csv_rows, "cef": cef, "leef": leef,
           "rfc5424": syslog, "rfc3164": syslog, "text": text}


def check_format(name, path, n):
    done = run("convert", "--format", name, path)
    need(done.returncode == 0, f"status {done.returncode}: {done.stderr[:300]!r}")
    FORMATS[name](done.stdout.decode("utf-8"), n)


# ---- the receiver ----

WANTED = {  # path, header and what it must be
    "generic": ("/generic", None, None), "n8n": ("/n8n", None, None), "slack": ("/slack", None, None), "teams": ("/teams", None, None),
    "discord": ("/discord", None, None), "mattermost": ("/mattermost", None, None), "google-chat": ("/google-chat", None, None),
    "jira": ("/jira/rest/api/3/issue", "Authorization", "Basic TOKEN"),
    "servicenow": ("/servicenow/api/now/table/incident", "Authorization", "Basic TOKEN"),
    "thehive": ("/thehive/api/v1/alert", "Authorization", "Bearer TOKEN"),
    "alertmanager": ("/alertmanager/api/v2/alerts", None, None),
    "splunk-hec": ("/splunk-hec/services/collector/event", "Authorization", "Splunk TOKEN"),
    "elasticsearch": ("/elasticsearch/_bulk", "Authorization", "ApiKey TOKEN"),
    "loki": ("/loki/loki/api/v1/push", None, None), "otlp": ("/otlp/v1/logs", None, None),
}
ANSWERS = {
    "slack": (200, "ok"), "mattermost": (200, "ok"), "splunk-hec": (200, '{"text":"Success","code":0}'),
    "elasticsearch": (200, '{"errors":false,"items":[{"create":{"status":201}}]}'), "jira": (201, '{"id":"1"}'),
    "servicenow": (201, '{"result":{}}'), "thehive": (201, "{}"), "discord": (204, ""), "loki": (204, ""),
}


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    faults = []
    seen = set()

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def check(self, preset, body):
        path, header, value = WANTED[preset]
        need(self.path.split("?")[0] == path, f"path {self.path}")
        if header:
            need(self.headers[header] == value, f"{header}: {self.headers[header]!r}")
        if preset in ("generic", "n8n"):
            signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
            mac = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
            need(self.headers["webhook-signature"] == "v1," + mac, "signature")
        for value in bodies(preset, body.decode("utf-8")):
            READERS[preset](value)

    def do_POST(self):
        preset = self.path.split("?")[0].split("/")[1]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path.startswith(("/jira/rest/api/3/search", "/servicenow/api/now/table/incident?")):
                self.answer(200, '{"issues":[],"result":[]}')
                return
            self.check(preset, body)
            Receiver.seen.add(preset)
            self.answer(*ANSWERS.get(preset, (200, "{}")))
        except (AssertionError, KeyError, ValueError, TypeError) as e:
            Receiver.faults.append(f"{preset}: {e!r}")
            self.answer(400, "")

    def do_GET(self):
        self.answer(200, '{"issues":[],"result":[]}')

    def log_message(self, *_):
        pass


def drill(work):
    names = []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(f"{work}/s.yaml", "w", encoding="utf-8") as f:
        f.write("version: 1\noutputs:\n")
        for preset in WANTED:
            token = SECRET if preset in ("generic", "n8n") else "TOKEN"
            for what in "findings", "decisions":
                names.append(f"{preset}-{what}")
                f.write(f'  - {{type: webhook, name: {preset}-{what}, preset: {preset}, private: true, token: "{token}", '
                        f'url: "http://127.0.0.1:{server.server_port}/{preset}", what: {what}}}\n')
    done = run("drill", "-c", f"{work}/s.yaml", "--json", *names)
    if Receiver.faults or done.returncode != 0 or Receiver.seen != set(WANTED):
        fail(f"drill: {Receiver.faults} {done.stdout.decode()} {done.stderr.decode()} not seen: {set(WANTED) - Receiver.seen}")
    print(f"drill: {len(WANTED)} services took it, and a decision")


def main():
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([sys.executable, f"{SRC}/script/sample-logs", f"{work}/logs"], check=True, stdout=subprocess.DEVNULL)
        found = run("scan", "-p", f"{SRC}/examples/acme/policy.yaml", "--geo", f"{SRC}/tests/data/geo-city.mmdb",
                    "--format", "json", f"{work}/logs")
        samples = found.stdout.decode().splitlines()
        need(len(samples) >= 6, f"{len(samples)} samples: {found.stderr.decode()}")
        n = 0
        with open(f"{work}/hostile", "wb") as f:
            for finding in hostile(samples):
                f.write(json.dumps(finding).encode().replace(b"\\ue000", BAD_BYTES) + b"\n")
                n += 1
        faults = []
        for check, names in ((check_preset, READERS), (check_format, FORMATS)):
            for name in names:
                try:
                    check(name, f"{work}/hostile", n)
                except (AssertionError, KeyError, ValueError, TypeError, csv.Error) as e:
                    faults.append(f"{name}: {e!r}"[:400])
        if faults:
            fail("\n".join(faults))
        print(f"{len(READERS)} presets and {len(FORMATS)} formats, {n} findings each")
        drill(work)


main()
print("ok")
