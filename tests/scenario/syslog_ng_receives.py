"""What syslog-ng makes of our syslog output.

    syslog_ng_receives.py TOP_SRCDIR TOP_BUILDDIR
"""
import os
import re
import socket
import subprocess
import sys

import syslog_ng
from daemon import BIN, CERTS, PATIENCE, run_stories, same, wait_for, work

GOT = os.path.join(work, "got")
SOCKET = os.path.join(work, "log.socket")
# Name of the output, how syslog-ng listens, how the output is told.
WAYS = [
    ("udp", 'syslog(ip("127.0.0.1") port(%d) transport("udp"))', "udp://127.0.0.1:%d", ""),
    ("counted", 'syslog(ip("127.0.0.1") port(%d) transport("tcp"))', "tcp://127.0.0.1:%d", ""),
    ("tls", 'syslog(ip("127.0.0.1") port(%%d) transport("tls") tls(key-file("%s/server.key")'
     ' cert-file("%s/server.pem") peer-verify(optional-untrusted)))' % (work, work),
     "tls://localhost:%d", ", ca: %s/ca.pem" % work),
    ("lines", 'network(ip("127.0.0.1") port(%d) transport("tcp") flags(syslog-protocol))',
     "tcp://127.0.0.1:%d", ", framing: lf, facility: local3"),
    ("old", 'network(ip("127.0.0.1") port(%d) transport("tcp"))', "tcp://127.0.0.1:%d",
     ", framing: lf, format: rfc3164"),
    ("local", 'unix-dgram("' + SOCKET + '" flags(syslog-protocol))', "unix://" + SOCKET, ""),
]
DATA = r'\[stsentry@32473 (id|revision|severity)="[^"]+".*\]'


def free_port(kind):
    with socket.socket(socket.AF_INET, kind) as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def kind_of(name):
    return socket.SOCK_DGRAM if name == "udp" else socket.SOCK_STREAM


def is_taken(port, kind):
    """It listens; who asks by connecting would be seen as a sender."""
    with open("/proc/net/udp" if kind == socket.SOCK_DGRAM else "/proc/net/tcp") as f:
        return any(text.split()[1].endswith(":%04X" % port) for text in f)


def start():
    """It, and its ports; somebody may take one before it does: then with others."""
    template = "$FACILITY|$LEVEL|$PROGRAM|$MSGID|$SDATA|$MSG\\n"
    while True:
        ports = {name: free_port(kind_of(name)) for name, _, _, _ in WAYS}
        sources = "".join(
            "source %s { %s; };\n" % (name, source % ports[name] if "%d" in source else source)
            for name, source, _, _ in WAYS)
        p = syslog_ng.start(work, sources + 'destination d { file("%s" template("%s")); };\n'
                            "log { %s destination(d); };\n" % (
                                GOT, template,
                                " ".join("source(%s);" % name for name, _, _, _ in WAYS)))
        wait_for(lambda: p.poll() is not None or os.path.exists(SOCKET) and all(  # pylint: disable=cell-var-from-loop
            is_taken(ports[name], kind_of(name)) for name in ports if name != "local"),  # pylint: disable=cell-var-from-loop
                 "syslog-ng listens, or ends")
        if p.poll() is None:
            return p, ports
        print("again, with other ports")


def drill(ports):
    conf = os.path.join(work, "s.yaml")
    with open(conf, "w") as f:
        f.write("version: 1\noutputs:\n")
        for name, _, server, more in WAYS:
            f.write('  - {type: syslog, name: %s, tag: %s, server: "%s"%s}\n' % (
                name, name, server % ports[name] if "%d" in server else server, more))
    p = subprocess.run([os.path.join(BIN, "stsentry"), "drill", "-c", conf] +
                       [w[0] for w in WAYS], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                       timeout=PATIENCE, check=False)
    same(p.returncode, 0, p.stdout.decode())


def got():
    if not os.path.exists(GOT):
        return {}
    with open(GOT) as f:
        lines = [text.split("|", 5) for text in f.read().splitlines()]
    return {text[2]: text for text in lines if len(text) == 6}


def check(told):
    for name, _, _, _ in WAYS:
        facility, level, _, msgid, data, text = told[name]
        same((facility, level), ("local3" if name == "lines" else "authpriv", "info"), name)
        same("TEST by stsentry drill" in text, True, "%s: %s" % (name, text))
        if name != "old":
            same(msgid, "finding", name)
            same(bool(re.search(DATA, data)), True, "%s: %s" % (name, data))


def story_syslog_ng_understands_what_we_send():
    subprocess.check_call([CERTS, work, "ca", "ca"])
    subprocess.check_call([CERTS, work, "server", "issuer=ca", "server",
                           "san=DNS:localhost,IP:127.0.0.1", "days=30"])
    p, ports = start()
    try:
        drill(ports)
        wait_for(lambda: len(got()) == len(WAYS), "a line of each")
        check(got())
        with open(GOT) as f:
            same(len(f.readlines()), len(WAYS), "lines")
    finally:
        p.terminate()
        p.wait(PATIENCE)


if not syslog_ng.find():
    print("no syslog-ng")
    sys.exit(77)
sys.exit(run_stories(globals()))
