"""What people see of a finding: bodies of chat and ticket services as HTML.

    drawn.py TOP_SRCDIR TOP_BUILDDIR [FOLDER]

Draws what Slack, Teams, Discord, Jira and PagerDuty would, as far as our bodies
use it, and checks the text that comes out.  Pages and, with a Chromium, their
pictures stay in FOLDER, to be looked at.
"""
import html
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SRC, BIN = sys.argv[1:3]
STSENTRY = os.path.join(BIN, "stsentry")
PATIENCE = 60  # seconds: the machine may be very busy

STYLE = """
body { margin: 0; padding: 24px; background: #fff; font: 15px/1.46 Lato, "Liberation Sans", Arial, sans-serif; color: #1d1c1d; width: 700px }
code, .mono { font: 12px/1.5 "DejaVu Sans Mono", monospace; background: #f4f4f4; border: 1px solid #ddd; border-radius: 3px; padding: 1px 3px; word-break: break-all }
.fields { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 16px; margin: 8px 0 }
.block { margin: 8px 0; overflow-wrap: anywhere } .context, .subtle { color: #616061; font-size: 13px }
.card { border: 1px solid #ddd; border-radius: 6px; padding: 16px } .big { font-size: 17px } .sep { border-top: 1px solid #ddd; padding-top: 8px }
.Attention { color: #c4314b } .Warning { color: #986f0b } .embed { border-left: 4px solid; padding: 8px 16px; background: #f2f3f5; border-radius: 4px }
table { border-collapse: collapse } td:first-child { white-space: nowrap } td { border-bottom: 1px solid #eee; padding: 4px 12px 4px 0; vertical-align: top; overflow-wrap: anywhere }
pre { font: 12px/1.5 "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; background: #e8e9eb; padding: 6px; margin: 2px 0 } h1 { font-size: 20px } h3 { font-size: 16px; margin: 12px 0 4px }
"""


LINEAGE = [
    {"who": "User carol@acme.example", "time": "2026-03-16T08:01:00Z", "country": "DE", "city": "Berlin", "credential": "ASIAEXAMPLEONE"},
    {"who": "Role ci-runner", "time": "2026-03-17T03:12:00Z", "country": "RO", "city": "Bucharest", "credential": "ASIAEXAMPLETWO"},
]


def escape(text):
    return html.escape(text, quote=False)


def marked(text, bold):
    """Text with `code` and bold between `bold`, after it was escaped."""
    parts = re.split(r"`([^`\n]+)`", text)
    for i, part in enumerate(parts):
        if i % 2:
            parts[i] = "<code>%s</code>" % part
        else:
            b = re.escape(bold)
            part = re.sub(b + r"(\S[^\n]*?)" + b, r"<b>\1</b>", part)
            parts[i] = part.replace("\n", "<br>\n")
    return "".join(parts)


def unmarked(text):
    """Markdown's backslashes, once all that they keep from meaning is drawn."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)


def slack(body):
    def text(t):  # &amp; &lt; &gt; are already entities
        return marked(t["text"], "*") if t["type"] == "mrkdwn" else t["text"].replace("\n", "<br>\n")

    out = []
    for block in body["blocks"]:
        kind = "context" if block["type"] == "context" else "block"
        if "text" in block:
            out.append('<div class="%s">%s</div>' % (kind, text(block["text"])))
        if "fields" in block:
            cells = "".join("<div>%s</div>" % text(t) for t in block["fields"])
            out.append('<div class="fields">%s</div>' % cells)
        for t in block.get("elements", []):
            out.append('<div class="context">%s</div>' % text(t))
    return out


def teams(body):
    def run(r):
        classes = [r.get("color", "")] + (["subtle"] if r.get("isSubtle") else [])
        classes += ["big"] if r.get("size") in ("Medium", "Large") else []
        classes += ["mono"] if r.get("fontType") == "Monospace" else []
        text = escape(r["text"])
        if r.get("weight") == "Bolder":
            text = "<b>%s</b>" % text
        return '<span class="%s">%s</span>' % (" ".join(classes), text)

    out = []
    for block in body["attachments"][0]["content"]["body"]:
        inner = "".join(map(run, block["inlines"])) if "inlines" in block else run(block)
        out.append('<div class="block%s">%s</div>' % (" sep" if block.get("separator") else "", inner))
    return out


def discord(body):
    def text(t):
        fence = re.fullmatch(r"```\n(.*)\n```", t, re.S)
        return "<pre>%s</pre>" % escape(fence.group(1)) if fence else unmarked(marked(escape(t), "**"))

    out = []
    for e in body["embeds"]:
        out.append("<b>%s</b>" % text(e["title"]))
        if e.get("description"):
            out.append('<div class="block">%s</div>' % text(e["description"]))
        for f in e["fields"]:
            out.append('<div class="block"><b>%s</b><br>%s</div>' % (text(f["name"]), text(f["value"])))
        if "footer" in e:
            out.append('<div class="context">%s</div>' % escape(e["footer"]["text"]))
        out = ['<div class="embed" style="border-color:#%06x">%s</div>' % (e["color"], "\n".join(out))]
    return out


ADF = {"paragraph": ("<p>", "</p>"), "heading": ("<h3>", "</h3>"), "doc": ("", ""), "orderedList": ("<ol>", "</ol>"),
       "bulletList": ("<ul>", "</ul>"), "listItem": ("<li>", "</li>"), "codeBlock": ("<pre><code>", "</code></pre>")}


def adf(node):
    if node["type"] == "hardBreak":
        return "<br>"
    if node["type"] == "text":
        text = escape(node["text"])
        for mark in node.get("marks", []):
            text = {"strong": "<b>%s</b>", "code": "<code>%s</code>"}[mark["type"]] % text
        return text
    begin, end = ADF[node["type"]]
    return begin + "".join(map(adf, node.get("content", []))) + end + "\n"


def jira(body):
    f = body["fields"]
    return ["<h1>%s</h1>" % escape(f["summary"]), adf(f["description"]),
            '<div class="context">%s</div>' % escape(", ".join(f["labels"]))]


def pagerduty(body):
    p = body["payload"]
    rows = [("severity", p["severity"]), ("source", p["source"]), *p["custom_details"].items()]
    cells = "".join("<tr><td>%s</td><td>%s</td></tr>\n" % (escape(k), escape(str(v)).replace("\n", "<br>")) for k, v in rows)
    return ["<h1>%s</h1>" % escape(p["summary"]), "<table>%s</table>" % cells]


DRAW = {"slack": slack, "teams": teams, "discord": discord, "jira": jira, "pagerduty": pagerduty}


def page(parts):
    return ('<!doctype html><meta charset="utf-8"><title>finding</title><style>%s</style><div class="card">%s</div>\n'
            % (STYLE, "\n".join(parts)))


def lines_of(parts):
    """What is read, line by line."""
    text = re.sub(r"<(?:br|/div|/p|/h\d|/td|/li|/tr)>", "\n", "\n".join(parts))
    text = html.unescape(re.sub(r"<[^>]*>", "", text))
    return [s.strip() for s in text.splitlines() if s.strip()]


def run(*args):
    return subprocess.run([STSENTRY, *args], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, timeout=PATIENCE).stdout


def need(ok, text):
    if not ok:
        raise AssertionError(text)


def check(lines, finding):
    """Who did what, from where, why, how sure; evidence, lineage, what to do,
    how to silence: in this order."""
    first, text = lines[0], "\n".join(lines)
    head = "%s: %s" % (finding["severity"].upper(), finding["title"])
    need(first.startswith(head[:200]), "first line: %r" % first)  # the least that a service's bound leaves
    need("score %s of 100" % json.dumps(finding["score"]) in " ".join(lines[:4]).lower(), "how sure: %r" % lines[:4])
    chain = finding["lineage"][0]
    at = 0
    for place in ("why", finding["reasons"][0]["observed"], chain["who"], chain["city"], *finding["next_steps"],
                  "stsentry suggest --exception " + finding["id"]):
        found = (text.lower() if place == "why" else text).find(place, at)
        need(found >= 0, "%r is not there, or not in its place" % place)
        at = found
    for word in "principal", "action", "target", "account", "user_agent", "time":
        need(finding["request"][word] in text, "no %s" % word)
    need(finding["request"]["source"]["city"] in text, "no city")


def sample(work):
    """The finding with the most to say, with a chain of credentials."""
    subprocess.run([sys.executable, SRC + "/script/sample-logs", work + "/logs"], check=True, stdout=subprocess.DEVNULL)
    found = run("scan", "-p", SRC + "/examples/acme/policy.yaml", "--geo", SRC + "/tests/data/geo-city.mmdb",
                "--geo", SRC + "/tests/data/geo-asn.mmdb", "--format", "json", work + "/logs")
    finding = max(map(json.loads, found.splitlines()), key=lambda f: len(f["reasons"]))
    finding["lineage"] = LINEAGE
    return finding


def photograph(chromium, path):
    picture = path.replace(".html", ".png")
    subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=760,1500",
                    "--screenshot=" + picture, "file://" + path], check=False, timeout=PATIENCE,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return os.path.exists(picture)


def main():
    work = tempfile.mkdtemp()
    keep = sys.argv[3] if len(sys.argv) > 3 else None
    folder = os.path.abspath(keep or work)
    os.makedirs(folder, exist_ok=True)
    finding = sample(work)
    with open(folder + "/finding.json", "w", encoding="utf-8") as f:
        json.dump(finding, f)
    faults = []
    for preset, draw in DRAW.items():
        body = json.loads(run("convert", "--preset", preset, folder + "/finding.json"))
        parts = draw(body)
        with open("%s/%s.html" % (folder, preset), "w", encoding="utf-8") as f:
            f.write(page(parts))
        try:
            check(lines_of(parts), finding)
        except AssertionError as e:
            faults.append("%s: %s" % (preset, e))
    chromium = shutil.which("chromium")
    pictures = sum(photograph(chromium, "%s/%s.html" % (folder, p)) for p in DRAW) if keep and chromium else 0
    shutil.rmtree(work, ignore_errors=True)
    if faults:
        sys.exit("\n".join(faults))
    print("%d pages, %d pictures" % (len(DRAW), pictures))


main()
