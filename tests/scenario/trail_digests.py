"""Files of a CloudTrail trail and the digests that prove them.

    trail_digests.py TOP_SRCDIR TOP_BUILDDIR
"""
import base64
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SRC, BIN = sys.argv[1:3]
PATIENCE = 60
work = tempfile.mkdtemp()
key = os.path.join(work, "key.pem")
FINGERPRINT = "31e8b5433410dfb61a9dc45cc65b22ff"
BASE = "AWSLogs/111122223333/%s/us-east-1/2026/03/01/111122223333_%s_us-east-1"


def openssl(*args, data=None):
    return subprocess.run(
        ["openssl", *args],
        input=data,
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ).stdout


def record(n):
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "IAMUser",
            "arn": "arn:aws:iam::111122223333:user/a",
            "accountId": "111122223333",
        },
        "eventTime": "2026-03-01T08:00:00Z",
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetSessionToken",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.9",
        "eventID": "id-%d" % n,
        "recipientAccountId": "111122223333",
    }


def log_name(n):
    return BASE % ("CloudTrail", "CloudTrail") + "_2026030%dT0000Z_x.json.gz" % n


def digest_name(n):
    return (
        BASE % ("CloudTrail-Digest", "CloudTrail-Digest")
        + "_main_us-east-1_202603010%d0000Z.json.gz" % n
    )


def make_trail(hours):
    """{object: bytes, not packed}, in the order of hours."""
    objects, last = {}, None
    for n in range(hours):
        log = json.dumps({"Records": [record(n)]}).encode()
        objects[log_name(n)] = log
        digest = {
            "awsAccountId": "111122223333",
            "digestStartTime": "2026-03-01T0%d:00:00Z" % n,
            "digestEndTime": "2026-03-01T0%d:00:00Z" % (n + 1),
            "digestS3Bucket": "trails",
            "digestS3Object": digest_name(n),
            "digestPublicKeyFingerprint": FINGERPRINT,
            "digestSignatureAlgorithm": "SHA256withRSA",
            "previousDigestS3Bucket": last and "trails",
            "previousDigestS3Object": last and digest_name(n - 1),
            "previousDigestHashValue": last and last[0],
            "previousDigestHashAlgorithm": last and "SHA-256",
            "previousDigestSignature": last and last[1],
            "logFiles": [
                {
                    "s3Bucket": "trails",
                    "s3Object": log_name(n),
                    "hashValue": hashlib.sha256(log).hexdigest(),
                    "hashAlgorithm": "SHA-256",
                }
            ],
        }
        text = json.dumps(digest).encode()
        hashed = hashlib.sha256(text).hexdigest()
        signed = "%s\ntrails/%s\n%s\n%s" % (
            digest["digestEndTime"],
            digest_name(n),
            hashed,
            last[1] if last else "null",
        )
        signature = openssl("dgst", "-sha256", "-sign", key, data=signed.encode())
        objects[digest_name(n)] = text
        last = (hashed, signature.hex())
    return objects


def put(tree, name, data):
    path = os.path.join(tree, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with gzip.open(path + ".part", "wb") as f:
        f.write(data)
    os.rename(path + ".part", path)


def run(name, objects, want, follow="true"):
    """The daemon over these objects; `want`: what findings say, in order."""
    top = os.path.join(work, name)
    tree = os.path.join(top, "tree")
    conf = os.path.join(top, "s.yaml")
    out = os.path.join(top, "findings")
    os.makedirs(tree)
    with open(conf, "w") as f:
        f.write(
            "version: 1\ninputs:\n"
            '  - {type: file, name: trail, paths: ["%s/**/*.json.gz"], '
            "follow: %s, verify_digests: true, "
            'public_keys: ["%s/keys.json"]}\n'
            'state: {dir: "%s/state"}\npolicy: %s/examples/acme/policy.yaml\n'
            'outputs: [{type: file, path: "%s", format: json}]\n'
            % (tree, follow, work, top, os.path.abspath(SRC), out)
        )
    if follow == "false":
        for name in objects:
            put(tree, name, objects[name])
    log = open(os.path.join(top, "log"), "w+")
    p = subprocess.Popen([os.path.join(BIN, "stsentryd"), "-c", conf], stderr=log)

    def text():
        with open(log.name) as f:
            return f.read()

    def wait(done):
        until = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > until or p.poll() is not None:
                raise AssertionError("%s: waiting in vain:\n%s" % (name, text()))
            time.sleep(0.02)

    try:
        wait(lambda: "files: read all" in text())
        if follow == "true":
            # As names come: "CloudTrail-Digest" is before "CloudTrail/".
            for name in sorted(objects):
                put(tree, name, objects[name])

        def told():
            return [l for l in text().splitlines() if ": CloudTrail: " in l]

        def findings():
            if not os.path.exists(out):
                return []
            with open(out) as f:
                found = [json.loads(l) for l in f if l.endswith("\n")]
            return [f for f in found if f["reasons"][0]["code"] == "trail_changed"]

        # What is told of one trail is one finding, that grows.
        wait(lambda: len(told()) >= len(want))
        wait(lambda: len(findings()) >= (1 if want else 0))
        p.send_signal(signal.SIGTERM)
        assert p.wait(timeout=PATIENCE) == 0, text()
        assert len(told()) == len(want), (want, text())
        assert len(findings()) == (1 if want else 0), findings()
        for w in want:
            assert any(w in t for t in told()), (w, text())
        assert " + 0 rejected" in text(), text()
    finally:
        if p.poll() is None:
            p.kill()
            p.wait()
        log.close()


def main():
    openssl("genrsa", "-out", key, "2048")
    der = openssl("rsa", "-in", key, "-RSAPublicKey_out", "-outform", "DER")
    with open(os.path.join(work, "keys.json"), "w") as f:
        json.dump(
            {
                "PublicKeyList": [
                    {
                        "Value": base64.b64encode(der).decode(),
                        "Fingerprint": FINGERPRINT,
                    }
                ]
            },
            f,
        )
    good = make_trail(4)
    # The last digest that is told of shows that all before it were good.
    bad = dict(good)
    bad[log_name(3)] = good[log_name(3)].replace(b"203.0.113.9", b"203.0.113.8")
    run("a-changed-file", bad, ["is not what its digest says"])
    bad[digest_name(1)] = good[digest_name(1)] + b"\n"
    run(
        "a-changed-digest",
        bad,
        ["is not what the next one says", "is not what its digest says"],
        follow="false",
    )
    # Nothing more is waited for where files are not followed.
    bad = dict(good)
    del bad[log_name(2)]
    run("a-missing-file", bad, ["is missing: its digest"], follow="false")
    bad = dict(good)
    del bad[digest_name(1)]
    run("a-missing-digest", bad, ["is missing: the next"], follow="false")
    # Signed by somebody else: hashes and chain are in order.
    openssl("genrsa", "-out", key, "2048")
    run(
        "another-key",
        make_trail(3),
        ["has no good signature"] * 2,
        follow="false",
    )
    run("all-is-well", good, [], follow="false")


try:
    main()
finally:
    shutil.rmtree(work, ignore_errors=True)
print("ok")
