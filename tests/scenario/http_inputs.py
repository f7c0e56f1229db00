"""Senders speak HTTP to stsentryd, each in its own dialect.

    http_inputs.py TOP_SRCDIR TOP_BUILDDIR [STORY...]

What was answered with success is in the state; what was refused is not; what
comes again is acknowledged and not counted twice.
"""
import base64
import gzip
import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
import zlib

from daemon import (BIN, CERTS, PATIENCE, Daemon, line, record, run_stories, same,
                    wait_for, work)

TOKEN = "s3cret"
HTTP = ('type: http, name: door, listen: "127.0.0.1:0", token: %s, '
        "paths: {/aws: firehose, /gcp: pubsub, /hec: hec, /in: auto}" % TOKEN)

class Sender:
    """One connection; a request after the other."""

    def __init__(self, d, tls=None, i=0):
        host, port = d.address(i)
        if tls:
            self.c = http.client.HTTPSConnection(
                "localhost", port, timeout=PATIENCE, context=tls)
        else:
            self.c = http.client.HTTPConnection(host, port, timeout=PATIENCE)

    def send(self, method, path, body=b"", token=TOKEN, **headers):
        """Status, headers, body."""
        headers = {k.replace("_", "-"): v for k, v in headers.items()}
        if token:
            headers.setdefault("Authorization", "Bearer " + token)
        self.c.request(method, path, body, headers)
        r = self.c.getresponse()
        return r.status, r.headers, r.read()

    def post(self, path, body, **headers):
        return self.send("POST", path, body, **headers)


def b64(data):
    return base64.b64encode(data).decode()


def firehose(sender, request, records, **headers):
    body = json.dumps({"requestId": request, "timestamp": 1700000000000,
                       "records": [{"data": b64(r)} for r in records]}).encode()
    if headers.get("Content_Encoding") == "gzip":
        body = gzip.compress(body)
    return sender.post("/aws", body, token=None, Content_Type="application/json",
                       X_Amz_Firehose_Protocol_Version="1.0",
                       X_Amz_Firehose_Request_Id=request,
                       X_Amz_Firehose_Access_Key=TOKEN, **headers)


def pubsub(sender, message, data):
    body = json.dumps({"message": {"data": b64(data), "messageId": message,
                                   "publishTime": "2026-03-01T08:00:00Z"},
                       "subscription": "projects/p/subscriptions/s"}).encode()
    return sender.post("/gcp", body)


def story_firehose():
    d = Daemon([HTTP], state=True)
    s = Sender(d)
    status, head, body = firehose(s, "r-1", [line("f-1"), line("f-2")])
    same(status, 200, "status")
    same(head["Content-Type"], "application/json", "type")
    reply = json.loads(body)
    same(sorted(reply), ["requestId", "timestamp"], "members")
    same(reply["requestId"], "r-1", "request id")
    # What CloudWatch Logs puts into a record, packed once more.
    logs = gzip.compress(json.dumps({
        "messageType": "DATA_MESSAGE", "owner": "111122223333",
        "logEvents": [{"id": "1", "timestamp": 1, "message": record("f-3").decode()}],
    }).encode())
    same(firehose(s, "r-2", [logs], Content_Encoding="gzip")[0], 200, "packed")
    control = gzip.compress(b'{"messageType":"CONTROL_MESSAGE","logEvents":[]}')
    same(firehose(s, "r-3", [control])[0], 200, "a probe")
    # Again: known, whoever brings it.
    for again in (s, Sender(d)):
        same(firehose(again, "r-1", [line("f-1"), line("f-2")])[0], 200, "again")
    status, _, body = s.post("/aws", b"{}", token=None, X_Amz_Firehose_Request_Id="r-4",
                             X_Amz_Firehose_Access_Key="wrong")
    same(status, 401, "a wrong key")
    same(sorted(json.loads(body)), ["errorMessage", "requestId", "timestamp"], "members")
    same(s.post("/aws", b"{}")[0], 400, "no request id")
    n = d.stop()
    same((n["token requests"], n["duplicates"]), (3, 0), "counted once")


def story_pubsub():
    d = Daemon([HTTP], state=True)
    s = Sender(d)
    status, _, body = pubsub(s, "1", line("p-1"))
    same((status, body), (204, b""), "wrapped")
    same(pubsub(s, "1", line("p-1"))[0], 204, "wrapped again")
    for _ in range(2):
        same(s.post("/gcp", line("p-2"), x_goog_pubsub_message_id="2",
                    x_goog_pubsub_subscription_name="projects/p/subscriptions/u")[0],
             204, "unwrapped")
    same(s.send("POST", "/gcp?token=" + TOKEN, line("p-3"), token=None)[0], 204, "by query")
    same(s.send("POST", "/gcp", line("p-4"), token=None)[0], 401, "without a token")
    n = d.stop()
    same((n["token requests"], n["duplicates"]), (3, 0), "counted once")


def story_eventbridge():
    d = Daemon([HTTP], state=True)
    s = Sender(d)
    event = b'{"version":"0","id":"e-1","detail-type":"AWS API Call via CloudTrail",' \
            b'"source":"aws.sts","account":"111122223333","detail":' + record("e-1") + b"}"
    basic = base64.b64encode(b"user:" + TOKEN.encode()).decode()
    for auth in ({"X_Api_Key": TOKEN}, {"Authorization": "Basic " + basic}):
        same(s.post("/in", event, token=None, **auth)[0], 200, str(auth))
    status, _, body = s.send("PUT", "/in", event)
    same(json.loads(body).get("repeated"), True, "it says so: %s" % body)
    n = d.stop()
    same((n["token requests"], n["duplicates"]), (1, 0), "counted once")


def story_splunk_hec():
    d = Daemon([HTTP], state=True)
    s = Sender(d)
    splunk = {"Authorization": "Splunk " + TOKEN, "token": None}
    event = json.dumps({"event": json.loads(record("h-1")), "sourcetype": "x"}).encode()
    text = json.dumps({"event": record("h-2").decode()}).encode()
    status, _, body = s.post("/hec/services/collector/event", event + text, **splunk)
    same((status, json.loads(body)), (200, {"text": "Success", "code": 0}), "event")
    status, _, body = s.post("/hec/services/collector/raw?channel=c-1", line("h-3"), **splunk)
    same(json.loads(body), {"text": "Success", "code": 0, "ackId": 0}, "raw")
    status, _, body = s.post("/hec/services/collector/ack?channel=c-1",
                             b'{"acks":[0,1]}', **splunk)
    same(json.loads(body), {"acks": {"0": True, "1": False}}, "acks")
    status, _, body = s.send("GET", "/hec/services/collector/health", token=None)
    same((status, json.loads(body)["code"]), (200, 17), "health")
    status, _, body = s.post("/hec/services/collector", event, token="wrong")
    same((status, json.loads(body)["code"]), (403, 4), "a wrong token")
    s = Sender(d)
    status, _, body = s.post("/hec/services/collector", b"nonsense", **splunk)
    same((status, json.loads(body)["code"]), (400, 6), "nonsense")
    same(d.stop()["token requests"], 3, "requests")


def story_plain_bodies_of_every_shape():
    d = Daemon([HTTP + ", max_body: 1M, max_inflated: 2M"], state=True)
    s = Sender(d)

    def post(body, **headers):
        status, _, reply = s.post("/in", body, **headers)
        return status, json.loads(reply)

    ten = b"".join(line("n-%d" % i) for i in range(10))
    same(post(ten)[1]["token_requests"], 10, "NDJSON")
    same(post(gzip.compress(b'{"Records":[' + record("n-10") + b"]}"),
              Content_Encoding="gzip")[0], 200, "packed Records")
    same(post(zlib.compress(line("n-13")), Content_Encoding="deflate")[0], 200, "deflate")
    same(post(iter([ten[:5], ten[5:]]))[1]["received"], 10, "chunked")
    status, reply = post(line("n-11") + b"{bad\n" + line("n-12"))
    same((status, reply["rejected"]), (200, {"bad_json": 1}), "one is bad")
    half = gzip.compress(b"".join(line("c-%d" % i) for i in range(200)))
    status, reply = post(half[: len(half) - 20])
    same((status, reply["rejected"].get("bad_compression")), (200, 1), "cut off: %s" % reply)
    for body, want in ((b"", 400), (b"no json", 400), (b"{}", 200), (gzip.compress(b""), 400),
                       (gzip.compress(b" " * 2100000), 413)):
        same(post(body)[0], want, "%r" % body[:20])
    for path, want in (("/nowhere", 404), ("/in/below", 200)):
        status = s.post(path, line("n-1"))[0]
        same(status, want, path)
        if want != 200:
            s = Sender(d)
    same(s.send("DELETE", "/in", b"")[0], 405, "method")
    same(Sender(d).post("/in", b" " * 1100000)[0], 413, "too large")
    same(Sender(d).post("/in", b"x", Content_Type="application/msgpack")[0], 415, "msgpack")
    d.stop()


def story_other_accounts_are_rejected():
    d = Daemon([HTTP + ', accounts: ["1111*"]'], state=True)
    status, _, body = Sender(d).post("/in", line("a-1") + line("a-2", account="444455556666"))
    same((status, json.loads(body)["rejected"]), (200, {"account": 1}), "told")
    same(d.stop()["token requests"], 1, "requests")


def story_a_sender_that_asks_first():
    d = Daemon([HTTP], state=True)
    s = d.tcp()
    body = line("x-1")
    head = "POST %s HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n" \
           "Content-Length: %d\r\nExpect: 100-continue\r\n\r\n"
    s.sendall((head % ("/in", TOKEN, len(body))).encode())
    f = s.makefile("rb")
    same(f.readline(), b"HTTP/1.1 100 Continue\r\n", "go on")
    same(f.readline(), b"\r\n", "and nothing else")
    # Two more behind it at once.
    more = ("POST /in HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer %s\r\n"
            "Content-Length: %d\r\n\r\n" % (TOKEN, len(body))).encode()
    s.sendall(body + more + line("x-2") + more + line("x-3"))
    s.shutdown(1)
    same(f.read().count(b"HTTP/1.1 200 OK"), 3, "answers")
    s = d.tcp()
    s.sendall((head % ("/in", "wrong", 5)).encode())
    same(s.makefile("rb").readline().split()[1], b"401", "refused before it sends")
    same(d.stop()["token requests"], 3, "requests")


def story_tokens_that_google_signed():
    jwks = os.path.join(work, "jwks")
    d = None

    def tokens(kid, *claims):
        new = jwks + ".new"
        out = subprocess.check_output(
            [os.path.join(BIN, "tests/tools/make_token"), new, kid]
            + [json.dumps(c) for c in claims], text=True).split()
        os.rename(new, jwks)
        return out

    good = {"iss": "https://accounts.google.com", "aud": "us", "iat": int(time.time()),
            "exp": int(time.time()) + 3600, "email": "push@p.iam.gserviceaccount.com",
            "email_verified": True}
    all_of_them = tokens("k-1", good, {**good, "aud": "them"}, {**good, "iat": 1700000000, "exp": 1700003600},
                         {**good, "email": "x@p.iam.gserviceaccount.com"})
    d = Daemon(['type: http, listen: "127.0.0.1:0", jwks: %s, audience: us, '
                'emails: ["push@p.iam.gserviceaccount.com"]' % jwks], state=True)
    for token, want in zip(all_of_them, (200, 401, 401, 401)):
        same(Sender(d).post("/", line("g-1"), token=token)[0], want, token)
    # Another key: the file is read again.
    later = tokens("k-2", good)[0]
    same(Sender(d).post("/", line("g-2"), token=later)[0], 200, "a new key")
    same(d.stop()["token requests"], 2, "requests")


def story_over_tls():
    context = ssl.create_default_context(cafile=work + "/ca.pem")
    context.load_cert_chain(work + "/fwd.pem", work + "/fwd.key")
    d = Daemon([HTTP + ", cert: %s/server.pem, key: %s/server.key, client_ca: %s/ca.pem, "
                'allow: [{san: "fwd.acme.com", accounts: ["1111*"]}]' % (work, work, work)],
               state=True)
    s = Sender(d, tls=context)
    for i in range(20):
        many = b"".join(line("t-%d-%d" % (i, k)) for k in range(300))
        same(s.post("/in", many)[0], 200, "over TLS")
    status, _, body = s.post("/in", line("t-x", account="444455556666"))
    same(json.loads(body)["rejected"], {"account": 1}, "not its account")
    same(d.stop()["token requests"], 6000, "requests")


def story_connections_stay_over_a_reload():
    d = Daemon([HTTP], state=True)
    s = Sender(d)
    same(s.post("/in", line("l-1"))[0], 200, "before")
    d.configure([HTTP.replace(TOKEN, "other")], d.more)
    d.p.send_signal(signal.SIGHUP)
    wait_for(lambda: Sender(d).post("/in", line("l-2"), token="other")[0] == 200,
             "the new token is taken")
    same(s.post("/in", line("l-3"), token="other")[0], 200, "the old connection")
    same(s.post("/in", line("l-4"))[0], 401, "the old token")
    same(d.stop()["token requests"], 3, "requests")


def story_hec_acks_over_a_restart():
    """Who asks for an old number is told false, sends again, and nothing is
    counted twice; a number that comes again tells no lie, for what had it
    before was kept, too."""
    d = Daemon([HTTP], state=True)
    splunk = {"Authorization": "Splunk " + TOKEN, "token": None}
    send = lambda n: json.loads(s.post("/hec/services/collector/raw?channel=c-1",
                                       line(n), **splunk)[2])["ackId"]
    ask = lambda: json.loads(s.post("/hec/services/collector/ack?channel=c-1",
                                    b'{"acks":[0,1]}', **splunk)[2])["acks"]
    s = Sender(d)
    same([send("k-0"), send("k-1")], [0, 1], "numbers")
    same(ask(), {"0": True, "1": True}, "before")
    for again in (d.kill, d.stop):
        again()
        d.start()
        s = Sender(d)
        same(ask(), {"0": False, "1": False}, "after")
        same(send("k-1"), 0, "sent again")
        same(ask(), {"0": True, "1": False}, "then")
    n = d.stop()
    same((n["token requests"], n["duplicates"]), (2, 2), "counted once")
    same(sorted(x["event_id"] for x in d.ledger()), ["id-k-0", "id-k-1"], "the ledger")


def story_acknowledged_means_kept():
    d = Daemon([HTTP], state=True)
    acked, lock = set(), threading.Lock()

    def send(name):
        s = Sender(d)
        n = 0
        try:
            while True:
                if firehose(s, "%s-%d" % (name, n), [line("%s-%d" % (name, n))])[0] == 200:
                    with lock:
                        acked.add("%s-%d" % (name, n))
                n += 1
        except OSError:
            pass
        except http.client.HTTPException:
            pass

    senders = [threading.Thread(target=send, args=(n,)) for n in "abcd"]
    for t in senders:
        t.start()
    wait_for(lambda: len(acked) > 200, "200 are acknowledged")
    d.kill()
    for t in senders:
        t.join()
    d.start()
    same(acked - {x["event_id"][3:] for x in d.ledger()}, set(), "acknowledged and lost")
    # All of them again: known, over the restart.
    s = Sender(d)
    for name in sorted(acked):
        same(firehose(s, name, [line(name)])[0], 200, "again")
    status = d.status()
    same(status["inputs"]["door"]["http"]["repeated"], len(acked), "repeated")
    same(d.stop()["duplicates"], 0, "duplicates")


def main():
    for args in (["ca", "ca"], ["server", "issuer=ca", "server", "san=DNS:localhost"],
                 ["fwd", "issuer=ca", "client", "san=DNS:fwd.acme.com"]):
        subprocess.check_call([CERTS, work] + args)
    return run_stories(globals())


sys.exit(main())
