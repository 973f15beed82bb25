#!/usr/bin/env python3
"""A time stamping authority (RFC 3161) for one request: tsa.py FOLDER. Makes its certificates in the folder with openssl,
prints its address, answers one POST on this machine and ends."""

import http.server
import subprocess
import sys
from pathlib import Path

CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[stamper]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[tsa]
default_tsa = one
[one]
serial = ./serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tsa.cnf").write_text(CONFIG)

    def openssl(*arguments):
        return subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True).stdout

    key = ("-newkey", "rsa:2048", "-nodes", "-config", "tsa.cnf")
    openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Root of a test", "-extensions", "ca", "-days", "2")
    openssl("req", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Time of a test")
    openssl("x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "tsa.pem",
            "-extfile", "tsa.cnf", "-extensions", "stamper", "-days", "1")

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            assert self.headers["Content-Type"] == "application/timestamp-query"
            (folder / "query.tsq").write_bytes(self.rfile.read(int(self.headers["Content-Length"])))
            reply = ("-config", "tsa.cnf", "-signer", "tsa.pem", "-inkey", "tsa.key", "-chain", "ca.pem")
            openssl("ts", "-reply", "-queryfile", "query.tsq", *reply, "-out", "reply.tsr")
            answer = (folder / "reply.tsr").read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.timeout = 60
        print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
        server.handle_request()


if __name__ == "__main__":
    main(sys.argv[1])
