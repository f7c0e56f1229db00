"""Webhooks through nginx as a TLS front; see tests/scenario/tls_front."""
import http.server
import json
import os
import shutil
import socket
import subprocess
import sys
import threading

from daemon import CERTS, SRC, BIN, Daemon, line, run_stories, same, wait_for, work

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
N = 300
children = []


def certs():
    for args in (["ca", "ca"], ["front", "issuer=ca", "san=DNS:localhost", "server"],
                 ["other", "issuer=ca", "san=DNS:elsewhere.example", "server"],
                 ["us", "issuer=ca", "client"], ["stranger", "ca"]):
        subprocess.run([CERTS, work] + args, check=True, stdout=subprocess.DEVNULL)


class Receiver:
    """Behind the front: takes findings and decisions, and notes their names."""

    def __init__(self):
        self.got = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["data"]
                receiver.got.append(data.get("event_id") or data["id"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Front:
    """nginx with sockets that it is given: nobody else can have the port."""

    def __init__(self, receiver):
        self.dir = os.path.join(work, "nginx%d" % len(children))
        os.mkdir(self.dir)
        names = ("front", "other", "mutual")
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in names]
        self.ports = {n: s.getsockname()[1] for n, s in zip(names, sockets)}
        with open(self.dir + "/nginx.conf", "w") as f:
            f.write(self.conf(receiver))
        with open(self.dir + "/said", "w") as said:
            self.child = subprocess.Popen(
                [NGINX, "-p", self.dir, "-c", self.dir + "/nginx.conf", "-e", self.dir + "/error.log"],
                env={**os.environ, "NGINX": "".join("%d;" % s.fileno() for s in sockets)},
                pass_fds=[s.fileno() for s in sockets], stderr=said, stdout=said)
        children.append(self.child)
        for s in sockets:
            s.close()

    def conf(self, receiver):
        server = ("server { listen 127.0.0.1:%d ssl http2; ssl_protocols TLSv1.3; ssl_certificate %s/%s.pem; ssl_certificate_key %s/%s.key; %s\n"
                  "location / { proxy_pass http://127.0.0.1:%d; proxy_http_version 1.1; } }\n")
        mutual = "ssl_client_certificate %s/ca.pem; ssl_verify_client on;" % work
        servers = [server % (self.ports[n], work, cert, work, cert, more, receiver.server.server_port)
                   for n, cert, more in (("front", "front", ""), ("other", "other", ""), ("mutual", "front", mutual))]
        return ("daemon off; worker_processes 1; pid %(d)s/pid; error_log %(d)s/error.log;\n"
                "events { worker_connections 256; }\n"
                "http { access_log %(d)s/access; log_format all '$server_protocol $connection $status $ssl_protocol';\n"
                "access_log %(d)s/access all;\n"
                "client_body_temp_path %(d)s/body; proxy_temp_path %(d)s/proxy; fastcgi_temp_path %(d)s/fcgi;\n"
                "uwsgi_temp_path %(d)s/uwsgi; scgi_temp_path %(d)s/scgi;\n%(s)s}\n") % {"d": self.dir, "s": "".join(servers)}

    def text(self, name):
        with open(os.path.join(self.dir, name), errors="replace") as f:
            return f.read()

    def up(self):
        if self.child.poll() is not None:
            raise AssertionError("nginx ended: %s" % (self.text("said") + self.text("error.log")))
        return os.path.exists(self.dir + "/pid") and self.text("pid").strip()

    def renew(self):
        """As after a new certificate: old workers close their connections."""
        subprocess.run([NGINX, "-p", self.dir, "-c", self.dir + "/nginx.conf", "-s", "reload"], check=True,
                       stderr=subprocess.DEVNULL)


def output(front, name="front", more="", host="localhost", ca="ca"):
    return ("  - {type: webhook, name: %s, preset: generic, private: true, ca: %s/%s.pem, timeout: 60s,\n"
            "     url: 'https://%s:%d/in', what: decisions%s}\n" % (name, work, ca, host, front.ports[name], more))


def begin():
    receiver = Receiver()
    front = Front(receiver)
    wait_for(front.up, "nginx")
    return receiver, front


def story_all_comes_in_order_over_few_connections_while_nginx_is_renewed():
    receiver, front = begin()
    d = Daemon(['type: tcp, listen: "127.0.0.1:0"'], more=output(front), state=True)
    with d.tcp() as s:
        for n in range(N):
            s.sendall(line(n))
            if n % 100 == 50:
                wait_for(lambda: len(receiver.got) > n // 2, "half of %d" % n)
                front.renew()
    wait_for(lambda: len(set(receiver.got)) == N, "all")
    d.stop()
    same(list(dict.fromkeys(receiver.got)), ["id-%d" % n for n in range(N)], "order")
    lines = [text.split() for text in front.text("access").splitlines() if text.startswith("HTTP")]
    same({(text[0], text[3]) for text in lines}, {("HTTP/2.0", "TLSv1.3")}, "spoken")
    if len({text[1] for text in lines}) > 20:
        raise AssertionError("a connection for each: %r" % lines[:5])


def drill(d, *names):
    done = subprocess.run([os.path.join(BIN, "stsentry"), "drill", "-c", os.path.join(d, "s.yaml"), "--json", *names],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return done.returncode, done.stdout.decode()


def story_certificates_are_looked_at_on_both_sides():
    receiver, front = begin()
    us = ", cert: %s/us.pem, key: %s/us.key" % (work, work)
    for name, more, ca, good, word in (
            ("front", "", "ca", True, ""), ("front", "", "stranger", False, "certificate"),
            ("other", "", "ca", False, "localhost"), ("mutual", us, "ca", True, ""), ("mutual", "", "ca", False, "400")):
        with open(work + "/s.yaml", "w") as f:
            f.write("version: 1\noutputs:\n" + output(front, name, more, ca=ca))
        before = len(receiver.got)
        status, told = drill(work, name)
        same((status, len(receiver.got) - before), (0, 1) if good else (1, 0), "%s %s: %s" % (name, ca, told))
        if word not in told:
            raise AssertionError("%s is not told: %s" % (word, told))


if not os.path.exists(NGINX) or b"http_v2" not in subprocess.run([NGINX, "-V"], stderr=subprocess.PIPE).stderr:
    print("no nginx with HTTP/2")
    sys.exit(77)
certs()
status = run_stories(globals())
for child in children:
    child.terminate()
    child.wait()
sys.exit(status)
