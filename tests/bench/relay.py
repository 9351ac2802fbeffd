"""The cost of the relay of `exec --broker`: the same Node client, directly to an API over TLS on this machine and through the
relay, in turn. Needs node and openssl. Usage: relay.py BINARY [REQUESTS [PAIRS]]"""

import json
import os
import pathlib
import statistics
import string
import random
import subprocess
import sys
import tempfile
import time

GOALS = [("median", "ms", "at most +0.3 ms"), ("p99", "ms", "at most +1 ms"), ("large", "ms for 64 MiB", "at least 0.9x")]
NODE = ["node", str(pathlib.Path(__file__).with_name("relay.mjs"))]
CERTIFICATE = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
               "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"]


def main(binary, requests=2000, pairs=5):
    with tempfile.TemporaryDirectory() as folder:
        key, certificate = f"{folder}/key.pem", f"{folder}/certificate.pem"
        subprocess.run([*CERTIFICATE, "-keyout", key, "-out", certificate], check=True, stderr=subprocess.DEVNULL)
        with subprocess.Popen([*NODE, "serve", key, certificate], stdout=subprocess.PIPE, text=True) as server:
            try:
                compare(binary, folder, certificate, int(server.stdout.readline()), int(requests), int(pairs))
            finally:
                server.kill()


def compare(binary, folder, certificate, port, requests, pairs):
    passphrase = pathlib.Path(folder, "passphrase")
    passphrase.touch(0o600)
    passphrase.write_text("made up for one run\n")
    secret = "sk_" + "".join(random.choices(string.ascii_letters, k=40))
    environment = {
        **os.environ, "GETIMG_KEYS_HOME": f"{folder}/home", "GETIMG_KEYS_PASSPHRASE_FILE": str(passphrase),
        "GETIMG_KEYS_API_URL": f"https://localhost:{port}", "SSL_CERT_FILE": certificate, "NODE_EXTRA_CA_CERTS": certificate,
    }
    add = [binary, "add", "dev", "--no-verify", "--store", "file"]
    subprocess.run(add, check=True, env=environment, input=secret, text=True, stderr=subprocess.DEVNULL)
    client = [*NODE, "measure", str(requests)]
    direct = {**environment, "GETIMG_API_KEY": secret, "GETIMG_AI_BASE_URL": f"https://localhost:{port}"}
    relay = [binary, "exec", "dev", "--broker", "-q", "--", *client]
    both = [(run(client, direct), run(relay, environment)) for _ in range(pairs)]
    for name, unit, goal in GOALS:
        one, other = (statistics.median(pair[side][name] for pair in both) for side in (0, 1))
        print(f"{name:8} {one:8.3f} direct, {other:8.3f} relayed, {other - one:+8.3f} {unit}, {one / other:.2f}x as fast (goal: {goal})")
    starts = [(timed([binary, "exec", "dev", "-q", *how, "--", "true"], environment) for how in (["--mask"], ["--broker"]))
              for _ in range(pairs * 4)]
    ratios = [second / first for first, second in starts]
    print(f"start    {statistics.median(ratios):.2f}x of exec --mask (goal: at most 2x)")


def run(command, environment):
    return json.loads(subprocess.run(command, check=True, env=environment, stdout=subprocess.PIPE).stdout)


def timed(command, environment):
    began = time.perf_counter()
    subprocess.run(command, check=True, env=environment)
    return time.perf_counter() - began


main(*sys.argv[1:])
