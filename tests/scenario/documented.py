"""What the documents say exists, and what exists is in the documents.

Called with TOP_SRCDIR TOP_BUILDDIR.  The program's side are the manual pages,
which are made of its tables, what it says with --help, and a daemon that runs;
the documents are README.md, doc/*.md, conf/*.yaml and dist/.
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import urllib.error
import urllib.request

from daemon import Daemon, line, run_stories, same, wait_for

SRC, BIN = sys.argv[1:3]
# Members of objects in a finding, and of /status, that no page lists one by one.
MEMBERS = {"detection_strategy", "held_back"}
# What others call theirs.
FOREIGN = {"activity_id", "anomaly_analyses", "end_time", "is_alert", "json_lines",
           "raw_data", "risk_score", "severity_id", "start_time"}


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as f:
        return f.read()


def run(program, *args):
    return subprocess.run([os.path.join(BIN, program), *args],
                          stdout=subprocess.PIPE, check=True,
                          universal_newlines=True).stdout


class Faults(list):
    """Of one story, named all at once."""

    def add(self, where, what):
        text = "%s: %s" % (os.path.relpath(where, SRC), what)
        if text not in self:
            self.append(text)

    def must_be_none(self):
        if self:
            raise AssertionError("\n" + "\n".join(self))


# ---- what exists -------------------------------------------------------------

def page(name, behind=0):
    """The sections of a manual page: {"KEYS": {name: words}}; with behind=1 not
    what a name is, but what it takes."""
    sections, here = {}, {}
    for text in read(BIN, "manuals", name).splitlines():
        if text.startswith((".Sh ", ".Ss ")):
            here = sections.setdefault(text[4:], {})
        elif text.startswith(".It Cm \\&"):
            item = text[len(".It Cm \\&"):]
            here[item] = [[], []]
            part = 0
        elif text == ".br":
            part = 1
        elif here and not text.startswith("."):
            here[item][part].append(text)
    return {s: {k: " ".join(v[behind]) for k, v in items.items()}
            for s, items in sections.items()}


config = page("stsentry.yaml.5")["KEYS"]
policy = page("policy.yaml.5")["KEYS"]
output = page("stsentry-output.7")
metrics = page("stsentry-metrics.7")
reasons = {code: words for section in page("stsentry-reasons.7").values()
           for code, words in section.items()}


def parts(keys):
    return {part for key in keys for part in re.split(r"[.\[\]]+", key) if part}


def values(name):
    """The words that the keys of a page may be."""
    return {w for takes in page(name, 1)["KEYS"].values()
            for group in re.findall(r"word (\S+?)(?:,|$)", takes)
            for w in group.split("|")}


commands = dict(re.findall(r"^  ([a-z]+)  +(\S.*)$", run("stsentry", "--help"), re.M))
OPTION = r"--?[a-zA-Z][a-z-]*"


def options_of(*command):
    return set(re.findall(r"(?<![\w-])" + OPTION, run(*command, "--help")))


options = {c: options_of("stsentry", c) for c in commands}
daemon_options = options_of("stsentryd")


# ---- what is said exists -----------------------------------------------------

documents = sorted([os.path.join(SRC, "README.md")]
                   + glob.glob(os.path.join(SRC, "doc", "*.md")))
shipped = [f for pattern in ("dist/*/stsentry*.yaml", "dist/grafana/stsentry.json",
                             "conf/*.yaml")
           for f in glob.glob(os.path.join(SRC, pattern))]
known_words = (
    parts(config) | parts(policy) | values("stsentry.yaml.5") | values("policy.yaml.5") | set(reasons)
    | parts(k for section in output.values() for k in section)
    | set(metrics["METRICS"]) | set(metrics["REJECTED RECORDS"])
    | set(metrics["ANSWERS OVER HTTP"]) | MEMBERS | FOREIGN
)


def code_of(text):
    """Its code: blocks that are indented or fenced, and spans."""
    blocks = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
    text = re.sub(r"^```\n.*?^```", "", text, flags=re.M | re.S)
    blocks += re.findall(r"(?:^ {4,}\S.*\n|^\n(?= {4}))+", text, re.M)
    text = re.sub(r"^ {4}.*\n", "", text, flags=re.M)
    return blocks, re.findall(r"`([^`\n]+)`", text)


def check_options(faults, where, program, words, known):
    for w in words:
        w = w.strip("[](),.").split("=")[0]
        if re.fullmatch(OPTION, w) and w not in known:
            faults.add(where, "%s has no %s" % (program, w))


def check_commands(faults, where, text):
    """Each "stsentry COMMAND --option" names what there is."""
    text = re.sub(r"\\\n\s*", " ", text)
    for words in re.findall(r"(?<![\w./-])stsentry ([^`|&;#>\n]*)", text):
        words = words.split()
        if not words or not re.fullmatch(r"[a-z]+", words[0]):
            continue
        if words[0] in commands:
            check_options(faults, where, "stsentry " + words[0], words[1:],
                          options[words[0]])
        else:
            faults.add(where, "stsentry has no command %r" % words[0])
    for words in re.findall(r"(?<![\w./-])stsentryd ([^`|&;#>\n]*)", text):
        check_options(faults, where, "stsentryd", words.split(), daemon_options)


def check_metrics(faults, where, text):
    for name in re.findall(r"\bstsentry_[a-z_]+", text):
        plain = re.sub(r"_(bucket|sum|count)$", "", name)
        if plain in metrics["METRICS"] or name in metrics["METRICS"]:
            continue
        if not name.endswith("_") or \
                not any(m.startswith(name) for m in metrics["METRICS"]):
            faults.add(where, "there is no metric %s" % name)


def check_words(faults, where, span):
    """A word with _ in it is a name of ours."""
    for word in re.findall(r"(?<![\w$./{@:-])[a-z]+(?:_[a-z]+)+(?![\w.(*-])", span):
        if word not in known_words:
            faults.add(where, "nothing is called %s (in `%s`)" % (word, span))


def check_configuration(faults, where, block):
    """An example is well, but for the files that it names."""
    if not re.match(r"(inputs|outputs):\n", block) or "\u2026" in block:
        return
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as f:
        f.write("version: 1\n" + block)
        f.flush()
        r = subprocess.run([os.path.join(BIN, "stsentry"), "check", "--json", "-c", f.name],
                           stdout=subprocess.PIPE)
    for p in json.loads(r.stdout):
        if "No such file" not in p["problem"]:
            faults.add(where, "an example: %s" % p["problem"])


def check_links(faults, where, text):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        if not os.path.exists(os.path.join(os.path.dirname(where), target)):
            faults.add(where, "a link leads to no %s" % target)


def story_what_is_said_exists():
    faults = Faults()
    for where in documents:
        text = read(where)
        check_links(faults, where, text)
        blocks, spans = code_of(text)
        for b in blocks:
            check_configuration(faults, where, textwrap.dedent(b))
        for s in spans:
            check_words(faults, where, s)
        for s in blocks + spans:
            check_commands(faults, where, s)
        check_metrics(faults, where, text)
    for where in glob.glob(os.path.join(BIN, "manuals", "*.[1578]")):
        for s in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", read(where), re.M | re.S):
            check_commands(faults, where, s.replace("\\e", "\\"))
    for where in shipped:
        text = read(where)
        check_metrics(faults, where, text)
        for s in re.findall(r"`([^`\n]+)`|^#  +(stsentry.*)$", text, re.M):
            check_commands(faults, where, s[0] or s[1])
    faults.must_be_none()


DEFAULT = re.compile(r"^\|[^|]*\|([^|]*`[^|]*)\| ([^|]*) \|", re.M)


def story_defaults_are_those_of_the_options():
    """Tables of: what, options, their defaults, ..."""
    faults = Faults()
    takes = page("stsentry.yaml.5", 1)["KEYS"]
    where = os.path.join(SRC, "doc/getting-events-in.md")
    rows = DEFAULT.findall(read(where).split("| default |")[1].split("\n\n")[0])
    if len(rows) < 5:
        faults.add(where, "there is no table of limits")
    for names, said in rows:
        said = re.sub(r" (?:s|min|[KMG]iB)\b", lambda m: m.group().strip()[0], said)
        for name, value in zip(re.findall("`(.*?)`", names), said.split(", ")):
            if "default %s," % value not in takes["inputs[]." + name]:
                faults.add(where, "the default of %s is not %s" % (name, value))
    faults.must_be_none()


# ---- what exists is said -----------------------------------------------------

def story_what_exists_is_said():
    faults = Faults()

    def must_say(path, names, pattern, what):
        where = os.path.join(SRC, path)
        text = read(where)
        for name in names:
            if not re.search(pattern % re.escape(name), text, re.M):
                faults.add(where, "the %s %s is not said" % (what, name))

    must_say("README.md", commands, r"`%s`", "command")
    must_say("doc/README.md", (os.path.basename(f) for f in documents
                               if "doc" in f and not f.endswith("README.md")),
             r"\]\(%s\)", "document")
    must_say("doc/outputs.md", output["KEYS OF A PRESET"], r"^%s$", "key of a preset")
    must_say("doc/outputs.md", output["PRESETS"], r"(?:^|[ `])%s(?:$|[ `])", "preset")
    must_say("doc/outputs.md", ("`%s` | %s |" % row for row in
                                output["FILTERS OF A TEMPLATE"].items()), r"^\| %s", "filter")
    must_say("doc/formats.md", output["FORMATS"], r"^\| `%s` \|", "format")
    must_say("doc/formats.md", output["FINDINGS"], r"`%s`", "member of a finding")
    must_say("doc/reports.md", sections_of_reports(), r"`%s`", "section")
    must_say("doc/reasons.md", reasons, r"^\| `%s` \|", "reason")
    must_say("conf/stsentry.yaml", {re.split(r"[.\[]", key)[0] for key in config},
             r"^#?%s:", "key")
    must_say("conf/policy.yaml", {re.split(r"[.\[]", key)[0] for key in policy},
             r"^#?%s:", "key")
    faults.must_be_none()


def sections_of_reports():
    """As the program tells them to somebody who names none of them."""
    r = subprocess.run([os.path.join(BIN, "stsentry"), "report", "--section", "?", "-"],
                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                       universal_newlines=True)
    return r.stderr.split(" one of ")[1].split()


# ---- exit statuses -----------------------------------------------------------

def story_exit_statuses_are_those_of_the_manual():
    faults = Faults()

    def must_end(status, program, *args):
        r = subprocess.run([os.path.join(BIN, program), *args], stdin=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if r.returncode != status:
            faults.append("%s %s ends with %d, not %d"
                          % (program, " ".join(args), r.returncode, status))

    with tempfile.TemporaryDirectory() as d:
        good, bad = os.path.join(d, "good"), os.path.join(d, "bad")
        with open(good, "wb") as f:
            f.write(line(1))
        with open(bad, "wb") as f:
            f.write(line(1)[:50])
        strict = os.path.join(d, "policy.yaml")
        with open(strict, "w") as f:
            f.write("version: 1\nunlisted_principals: alert\n")
        must_end(0, "stsentry", "scan", good)
        must_end(0, "stsentry", "scan", "-p", strict, good)
        must_end(1, "stsentry", "scan", "-p", strict, "--fail-on", "low", good)
        must_end(3, "stsentry", "scan", bad)
        must_end(3, "stsentry", "scan", os.path.join(d, "none"))
        must_end(0, "stsentry", "scan", "--lenient", bad)
        must_end(3, "stsentry", "tokens", "--state", os.path.join(d, "none"))
        must_end(3, "stsentry", "ledger", "verify", "--state", os.path.join(d, "none"))
        must_end(3, "stsentry", "report", os.path.join(d, "none"))
        must_end(3, "stsentry", "convert", os.path.join(d, "none"))
        must_end(3, "stsentry", "pack", "--verify", os.path.join(d, "none"))
        must_end(2, "stsentry", "report", "--format", "htlm", good)
        must_end(2, "stsentry", "check", "-p", bad)
        must_end(2, "stsentry", "scan", "--fail-on", "hgh", good)
        must_end(1, "stsentry", "backtest", "--policy", strict, "--fail-on-change", good)
    for c in commands:
        said = run("stsentry", c, "--help").split("\nExit status: ")
        statuses = set(re.findall(r"\b(\d)\s", said[-1]))
        if len(said) != 2 or not {"0", "2"} <= statuses <= set("0123"):
            faults.append("stsentry %s --help does not say its exit statuses" % c)
        must_end(2, "stsentry", c, "--no-such-option")
    must_end(2, "stsentry")
    must_end(2, "stsentry", "scna")
    must_end(0, "stsentry", "--version")
    must_end(0, "stsentryd", "--version")
    must_end(2, "stsentryd", "--no-such-option")
    must_end(2, "stsentryd", "-c", "/nowhere/stsentry.yaml")
    faults.must_be_none()


MISTAKES = [
    (["statu"], 'stsentry: no command "statu"; did you mean "status"?'),
    (["xyzzy"], 'stsentry: no command "xyzzy"; see stsentry --help'),
    (["scan", "--geoo", "x"],
     'stsentry scan: there is no option --geoo; did you mean "--geo"?'),
    (["scan", "--decision=x", "--lenientt"],
     'stsentry scan: there is no option --lenientt; did you mean "--lenient"?'),
    (["scan", "--geo"], "stsentry scan: --geo needs a value"),
    (["scan", "-p"], "stsentry scan: --policy needs a value"),
    (["scan", "-z"], "stsentry scan: there is no option -z"),
    (["status", "--watch=3"], "stsentry status: --watch takes no value"),
    (["check", "--jsno"],
     'stsentry check: there is no option --jsno; did you mean "--json"?'),
    (["ack", "--teech"],
     'stsentry ack: there is no option --teech; did you mean "--teach"?'),
    (["convert", "--formt", "x"],
     'stsentry convert: there is no option --formt; did you mean "--format"?'),
]


def story_mistakes_on_the_command_line_are_named():
    for args, want in MISTAKES:
        r = subprocess.run([os.path.join(BIN, "stsentry"), *args],
                           stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           universal_newlines=True)
        same((r.returncode, r.stderr.splitlines()[0]), (2, want), " ".join(args))


# ---- the admin endpoint ------------------------------------------------------

def story_the_daemon_has_the_metrics_and_paths_that_are_said():
    faults = Faults()
    d = Daemon(['type: http, listen: "127.0.0.1:0"'], state=True)
    d.wait("admin: http")
    base = re.search(r"admin: (http\S*)/status", d.text()).group(1)

    def get(path):
        try:
            with urllib.request.urlopen(base + path, timeout=60) as r:
                return r.status, r.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, ""

    wait_for(lambda: get("/ready")[0] == 200, "/ready")
    page = read(BIN, "manuals", "stsentry-metrics.7")
    paths = set(re.findall(r"(/[a-z]+) ", page.split(".Sh METRICS")[0])) | {"/"}
    for path in paths:
        if get(path)[0] != 200:
            faults.append("GET %s gives %d" % (path, get(path)[0]))
    if not {"/live", "/ready", "/health", "/metrics", "/status"} <= paths:
        faults.append("stsentry-metrics(7) says only %s" % sorted(paths))
    told = set(re.findall(r"^# HELP (\S+)", get("/metrics")[1], re.M))
    for name in told ^ set(metrics["METRICS"]):
        faults.append("%s is in only one of /metrics and the manual" % name)
    for name in told:
        if not re.fullmatch(r"stsentry_[a-z_]+", name):
            faults.append("%s is no name of a metric" % name)
    d.stop()
    faults.must_be_none()


CHANGES = {
    "dedup": "dedup: {window: 8d}",
    "detect": "detect: {learning: 1d}",
    "limits": "limits: {queue_events: 500}",
    "log": "log: {level: debug}",
    "sandbox": "sandbox: off",
    "state": None,
}


def story_a_reload_refuses_what_needs_a_restart():
    faults = Faults()
    takes = page("stsentry.yaml.5", 1)["KEYS"]
    d = Daemon(['type: tcp, listen: "127.0.0.1:0"'], state=True)
    d.wait("admin: http")
    address = re.search(r"admin: http://([^/]*)/", d.text()).group(1)
    for section, change in CHANGES.items():
        more = d.more + change + "\n" if change else \
            d.more.replace("/state}", "/state, keep: 5d}")
        d.configure(['type: tcp, listen: "127.0.0.1:0"'], more)
        r = subprocess.run([os.path.join(BIN, "stsentry"), "reload", "--address", address],
                           stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           universal_newlines=True)
        said = any("a change needs a restart" in words for key, words in takes.items()
                   if re.split(r"[.\[]", key)[0] == section)
        if (r.returncode, "only a new start" in r.stderr) != (int(said), said):
            faults.append("%s: the manual says %s; reload: %d %s"
                          % (section, "restart" if said else "reload", r.returncode, r.stderr))
    d.stop()
    faults.must_be_none()


sys.exit(run_stories(globals()))
