"""syslog-ng, where it is installed or script/setup --ci has unpacked it.

    if syslog_ng.find():
        p = syslog_ng.start(folder, statements)
"""
import glob
import os
import shutil
import subprocess

from daemon import SRC

# Debian's package conflicts with rsyslog's, so it is unpacked beside.
ROOT = os.path.abspath(os.path.join(SRC, ".tools/syslog-ng"))


def find():
    """Its program; None where there is none."""
    own = os.path.join(ROOT, "usr/sbin/syslog-ng")
    return own if os.path.exists(own) else shutil.which("syslog-ng")


def environment():
    libraries = glob.glob(ROOT + "/usr/lib/*-linux-*") + [ROOT + "/usr/lib/syslog-ng"]
    return dict(os.environ, LD_LIBRARY_PATH=":".join(libraries))


def run(conf, folder, more=()):
    """With a configuration file; its other files in a folder."""
    args = [find(), "-F", "--no-caps", "-f", conf] + list(more)
    modules = glob.glob(ROOT + "/usr/lib/syslog-ng/[0-9]*")
    if modules:
        args.append("--module-path=" + modules[0])
    for option, name in (("persist-file", "persist"), ("pidfile", "ng.pid"),
                         ("control", "ng.ctl")):
        args.append("--%s=%s/%s" % (option, folder, name))
    return subprocess.Popen(args, env=environment(), cwd=folder)


def start(folder, statements):
    conf = os.path.join(folder, "syslog-ng.conf")
    with open(conf, "w") as f:
        f.write("@version: 3.35\noptions { log-msg-size(262144); stats-freq(0); "
                "flush-lines(1); keep-hostname(yes); };\n" + statements)
    return run(conf, folder)
