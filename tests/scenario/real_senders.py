"""What senders make of records, and where they come in, is no matter: the outcome
is the same.

    real_senders.py TOP_SRCDIR TOP_BUILDDIR
"""
import os
import shutil
import socket
import ssl
import subprocess
import sys

import syslog_ng
from daemon import CERTS, PATIENCE, SRC, Daemon, record, run_stories, same, wait_for, work

CORPUS = os.path.join(work, "corpus.ndjson")
SOCKET = os.path.join(work, "socket")
N = 300
HTTP = 'type: http, listen: "127.0.0.1:0"'
TCP = 'type: tcp, listen: "127.0.0.1:0"'
TLS = ('type: tls, listen: "127.0.0.1:0", cert: %s/server.pem, key: %s/server.key, clients: any'
       % (work, work))
UNIX = "type: unix, listen: " + SOCKET
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


def outcome(send, inputs, stdin=subprocess.DEVNULL):
    findings = os.path.join(work, "findings")
    d = Daemon(inputs, stdin=stdin, more="  - {type: file, path: %s, format: json}\n" % findings)
    send(d)
    wait_for(lambda: len(d.decisions()) >= N, "%d decisions" % N)
    n = d.stop()
    same((n["received"], n["token requests"]), (N, N), "books")
    with open(findings) as f:
        found = f.read()
    os.remove(findings)
    return d.decisions(), found


def check(want, send, door, what, **kw):
    same(outcome(send, [door], **kw) == want, True, what)


def by_curl(d, scheme="http"):
    subprocess.check_call(
        ["curl", "-sf", "-o", os.devnull, "--data-binary", "@" + CORPUS,
         "--max-time", str(PATIENCE), "--cacert", work + "/ca.pem",
         "%s://%s:%d/" % (scheme, *d.address())])


def until_all(d, p):
    """What the sender p sends; and its end."""
    try:
        wait_for(lambda: len(d.decisions()) >= N or p.poll() is not None,
                 "%d decisions" % N)
    finally:
        p.terminate()
        p.wait(PATIENCE)


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
        until_all(d, p)

    return send


def by_syslog_ng(destination):
    """`destination` may hold PORT."""
    def send(d):
        port = d.address()[1] if ":" in d.at[0] else 0
        until_all(d, syslog_ng.start(
            d.dir,
            'source s { file("%s" flags(no-parse) log-iw-size(1000)); };\n'
            "destination d { %s; };\nlog { source(s); destination(d); };\n"
            % (CORPUS, destination.replace("PORT", str(port)))))

    return send


def by_python(connect):
    def send(d):
        with connect(d) as s, open(CORPUS, "rb") as f:
            s.sendall(f.read())
            wait_for(lambda: len(d.decisions()) >= N, "%d decisions" % N)

    return send


def by_itself(_):
    """It reads the file."""


def over_unix(_):
    s = socket.socket(socket.AF_UNIX)
    s.connect(SOCKET)
    return s


def over_tls(d):
    context = ssl.create_default_context(cafile=work + "/ca.pem")
    return context.wrap_socket(d.tcp(), server_hostname="localhost")


def story_every_input_comes_to_the_same():
    want = outcome(by_curl, [HTTP])
    check(want, by_itself, "type: file, paths: [%s]" % CORPUS, "a file")
    check(want, by_itself, "type: file, follow: true, paths: [%s]" % CORPUS, "a file that is followed")
    with open(CORPUS, "rb") as f:
        check(want, by_itself, "type: stdin", "stdin", stdin=f)
    check(want, by_python(over_unix), UNIX, "a UNIX socket")
    check(want, by_python(lambda d: d.tcp()), TCP, "tcp")
    check(want, by_python(over_tls), TLS, "tls")
    check(want, lambda d: by_curl(d, "https"), TLS.replace("tls", "http"), "http over TLS")


def story_rsyslog_comes_to_the_same():
    if not shutil.which("rsyslogd"):
        return print("no rsyslogd")
    want = outcome(by_curl, [HTTP])
    for template, framing in WAYS:
        check(want, by_rsyslog(template, framing), TCP, "%s, %s" % (template, framing))
    return None


def story_syslog_ng_comes_to_the_same():
    if not syslog_ng.find():
        return print("no syslog-ng")
    want = outcome(by_curl, [HTTP])
    bare = 'template("$MSG\\n")'
    ca = 'tls(ca-file("%s/ca.pem") peer-verify(yes))' % work
    for door, destination in (
            (TCP, 'network("127.0.0.1" port(PORT) %s)' % bare),
            (TCP, 'network("127.0.0.1" port(PORT))'),
            (TCP, 'syslog("127.0.0.1" port(PORT) transport("tcp"))'),
            (TLS, 'network("localhost" port(PORT) transport("tls") %s)' % ca),
            (TLS, 'syslog("localhost" port(PORT) transport("tls") %s)' % ca),
            (UNIX, 'unix-stream("%s")' % SOCKET)):
        check(want, by_syslog_ng(destination), door, destination)
    return None


def in_the_manual(heading):
    """The configuration that stands under it."""
    with open(os.path.join(SRC, "doc/getting-events-in.md")) as f:
        text = f.read().split("\n## %s\n" % heading)[1].split("\n## ")[0]
    return "".join(line[4:] + "\n" for line in text.splitlines()
                   if line.startswith("    "))


def by_the_manual(heading, d, head):
    """The manual's configuration, but for its file and port, and behind what
    each system's own begins with: where it stands."""
    conf = os.path.join(d.dir, "sender.conf")
    audit = os.path.join(d.dir, "audit")
    os.mkdir(audit)
    os.link(CORPUS, os.path.join(audit, "a.json"))
    with open(conf, "w") as f:
        f.write(head + in_the_manual(heading).replace("/var/log/audit", audit)
                .replace("6514", str(d.address()[1])))
    return conf


def story_the_manuals_rsyslog_configuration_is_good():
    def send(d):
        conf = by_the_manual("rsyslog", d, 'global(workDirectory="%s")\n' % d.dir)
        subprocess.check_call(["rsyslogd", "-f", conf, "-N1"])
        until_all(d, subprocess.Popen(
            ["rsyslogd", "-f", conf, "-n", "-i", os.path.join(d.dir, "pid")]))

    if shutil.which("rsyslogd"):
        outcome(send, [TCP])


def story_the_manuals_syslog_ng_configuration_is_good():
    def send(d):
        conf = by_the_manual("syslog-ng", d, "")
        same(syslog_ng.run(conf, d.dir, ["--syntax-only"]).wait(PATIENCE), 0, "syntax")
        until_all(d, syslog_ng.run(conf, d.dir))

    if syslog_ng.find():
        outcome(send, [TCP])


write_corpus()
for arguments in (["ca", "ca"], ["server", "issuer=ca", "server",
                                 "san=DNS:localhost,IP:127.0.0.1", "days=30"]):
    subprocess.check_call([CERTS, work] + arguments)
sys.exit(run_stories(globals()))
