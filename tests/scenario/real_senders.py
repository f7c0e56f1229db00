"""What rsyslog and curl make of records is no matter: the outcome is the same.

    real_senders.py TOP_SRCDIR TOP_BUILDDIR
"""
import os
import shutil
import subprocess
import sys

from daemon import PATIENCE, SRC, Daemon, record, run_stories, same, wait_for, work

CORPUS = os.path.join(work, "corpus.ndjson")
N = 300
# Template and framing of rsyslog's omfwd.
WAYS = [(template, framing)
        for template in ("RSYSLOG_TraditionalForwardFormat",
                         "RSYSLOG_SyslogProtocol23Format", "bare")
        for framing in ("traditional", "octet-counted")]


def write_corpus():
    """Lines with all that has broken relays: braces, octets, length."""
    agents = ["aws-cli/2.15", "}{\\\"],[", "\\u00e9\u00e9 \u4e16", "a\\nb\\tc",
              "12 {", "<13>1 x", "x" * 20000]
    with open(CORPUS, "wb") as f:
        for i in range(N):
            agent = agents[i % len(agents)]
            f.write(record(i, agent="%s/%d" % (agent, i)) + b"\n")


def outcome(send, inputs):
    findings = os.path.join(work, "findings")
    d = Daemon(inputs, more="  - {type: file, path: %s, format: json}\n" % findings)
    send(d)
    wait_for(lambda: len(d.decisions()) >= N, "%d decisions" % N)
    n = d.stop()
    same((n["received"], n["token requests"]), (N, N), "books")
    with open(findings) as f:
        found = f.read()
    os.remove(findings)
    return d.decisions(), found


def by_curl(d):
    subprocess.check_call(
        ["curl", "-sf", "-o", os.devnull, "--data-binary", "@" + CORPUS,
         "--max-time", str(PATIENCE), "http://%s:%d/" % d.address()])


def by_rsyslog(template, framing):
    def send(d):
        conf = os.path.join(d.dir, "rsyslog.conf")
        with open(conf, "w") as f:
            f.write(
                'global(workDirectory="%s" maxMessageSize="256k")\n'
                'module(load="imfile")\n'
                'template(name="bare" type="string" string="%%msg%%\\n")\n'
                'input(type="imfile" file="%s" tag="trail:")\n'
                'action(type="omfwd" target="127.0.0.1" port="%d" protocol="tcp"'
                ' tcp_framing="%s" template="%s")\n'
                % (d.dir, CORPUS, d.address()[1], framing, template))
        if subprocess.call(["rsyslogd", "-N1", "-f", conf], stderr=subprocess.DEVNULL):
            print("rsyslogd cannot read %s here" % conf)
            d.kill()
            sys.exit(77)
        p = subprocess.Popen(["rsyslogd", "-n", "-f", conf,
                              "-i", os.path.join(d.dir, "pid")])
        try:
            wait_for(lambda: len(d.decisions()) >= N or p.poll() is not None,
                     "%d decisions" % N)
        finally:
            p.terminate()
            p.wait(PATIENCE)

    return send


def story_every_sender_comes_to_the_same():
    write_corpus()
    want = outcome(by_curl, ['type: http, listen: "127.0.0.1:0"'])
    for template, framing in WAYS:
        got = outcome(by_rsyslog(template, framing), ['type: tcp, listen: "127.0.0.1:0"'])
        same(got == want, True, "%s, %s" % (template, framing))


def in_the_manual(heading):
    """The configuration that stands under it."""
    with open(os.path.join(SRC, "doc/getting-events-in.md")) as f:
        text = f.read().split("\n## %s\n" % heading)[1].split("\n## ")[0]
    return "".join(line[4:] + "\n" for line in text.splitlines()
                   if line.startswith("    "))


def by_the_manual(heading, d, head, check, run):
    """The manual's configuration, but for its file and port, and behind what
    each system's own begins with."""
    conf = os.path.join(d.dir, "sender.conf")
    audit = os.path.join(d.dir, "audit")
    os.mkdir(audit)
    os.link(CORPUS, os.path.join(audit, "a.json"))
    with open(conf, "w") as f:
        f.write(head + in_the_manual(heading).replace("/var/log/audit", audit)
                .replace("6514", str(d.address()[1])))
    where = {"conf": conf, "dir": d.dir}
    subprocess.check_call([word % where for word in check], cwd=d.dir)
    p = subprocess.Popen([word % where for word in run], cwd=d.dir)
    try:
        wait_for(lambda: len(d.decisions()) >= N or p.poll() is not None,
                 "%d decisions" % N)
    finally:
        p.terminate()
        p.wait(PATIENCE)


RSYSLOG = ["rsyslogd", "-f", "%(conf)s"]
SYSLOG_NG = ["syslog-ng", "--cfgfile=%(conf)s"]


def story_the_manuals_rsyslog_configuration_is_good():
    write_corpus()
    outcome(lambda d: by_the_manual(
        "rsyslog", d, 'global(workDirectory="%s")\n' % d.dir,
        RSYSLOG + ["-N1"], RSYSLOG + ["-n", "-i", "%(dir)s/pid"]),
        ['type: tcp, listen: "127.0.0.1:0"'])


def story_the_manuals_syslog_ng_configuration_is_good():
    if not shutil.which("syslog-ng"):
        print("no syslog-ng")
        return
    write_corpus()
    outcome(lambda d: by_the_manual(
        "syslog-ng", d, "", SYSLOG_NG + ["--syntax-only"],
        SYSLOG_NG + ["--foreground", "--no-caps", "--persist-file=%(dir)s/persist",
                     "--pidfile=%(dir)s/pid", "--control=%(dir)s/ctl"]),
        ['type: tcp, listen: "127.0.0.1:0"'])


sys.exit(run_stories(globals()))
