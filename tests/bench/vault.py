"""One key from a vault on this machine, compared with curl for the same two reads; with a BINARY as argument, only that
pair: vault.py BINARY [RUNS]. Needs curl and bao (on the search path, or named by $GETIMG_KEYS_BAO)."""

import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

import pairs

TOKEN = "root"


def program():
    """`bao`: the one that $GETIMG_KEYS_BAO names, or one on the search path; a wheel's own starter is a Python script."""
    return os.environ.get("GETIMG_KEYS_BAO") or shutil.which("bao")


@contextlib.contextmanager
def server(bao, folder):
    os.makedirs(folder, mode=0o700)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{free.getsockname()[1]}"
    command = [bao, "server", "-dev", f"-dev-root-token-id={TOKEN}", "-dev-no-store-token", f"-dev-listen-address={place}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env={**os.environ, "HOME": folder}, **quiet) as running:
        config = urllib.request.Request(f"http://{place}/v1/secret/config", headers={"X-Vault-Token": TOKEN})
        for _ in range(200):
            try:
                urllib.request.urlopen(config, timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        try:
            yield f"http://{place}"
        finally:
            running.kill()


def all_of(binary):
    home, key = os.environ["GETIMG_KEYS_HOME"], pairs.made_up_key()
    bao = program()
    if not bao or not pairs.there_is("curl"):
        print("SKIPPED: env from a vault: there is no bao here", file=sys.stderr)
        return
    with server(bao, home + "-bao") as address:
        environment = {**os.environ, "GETIMG_KEYS_HOME": home + "-vault", "VAULT_ADDR": address, "VAULT_TOKEN": TOKEN}
        pairs.add(binary, key, "--store", "vault", environment=environment)
        header = home + ".vault-header"
        with open(os.open(header, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(f"X-Vault-Token: {TOKEN}")
        entry = f"{address}/v1/secret/data/getimg-keys"
        curl = ["curl", "--silent", "--fail", "-H", f"@{header}"]
        profiles = subprocess.run([*curl, f"{entry}/profiles"], capture_output=True, text=True, check=True).stdout
        # They are one text: the server refuses JSON of more than a thousand.
        fingerprint = json.loads(json.loads(profiles)["data"]["data"]["profiles"])["profiles"][0]["key"]["fingerprint"]
        assert re.fullmatch("[0-9a-f]{64}", fingerprint)
        env = pairs.Side([binary, "env", "--quiet"], environment)
        beside = pairs.Side([*curl, f"{entry}/profiles", f"{entry}/keys/{fingerprint}"])
        yield pairs.Pair("`env`, a vault on this machine", env, "`curl`, the same two reads", beside, pairs.Goals(1.15))


def seconds(side):
    began = time.perf_counter()
    subprocess.run(side.command, check=True, env=side.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def main(binary, runs=60):
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GETIMG_KEYS_HOME"] = f"{folder}/home"
        for pair in all_of(os.path.realpath(binary)):
            both = [(seconds(pair.ours), seconds(pair.theirs)) for _ in range(int(runs))]
            mine, other = (statistics.median(column) * 1000 for column in zip(*both))
            ratio = statistics.median(one / two for one, two in both)
            print(f"{pair.what}: {mine:.2f} ms, {pair.beside}: {other:.2f} ms, {pairs.against('.2f', ratio, pair.goals.ratio, '×')}")


if __name__ == "__main__":
    main(*sys.argv[1:])
