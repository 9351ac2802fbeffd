"""Packs the program as a wheel: `wheel.py BINARY VERSION FOLDER`. Nothing but the standard library."""

import base64
import hashlib
import os
import sys
import time
import zipfile
from pathlib import Path

# A static binary, and one for glibc 2.17, run on all of manylinux2014; the former on musl too.
TAGS = ["manylinux_2_17_x86_64", "manylinux2014_x86_64"]
MUSL = "musllinux_1_1_x86_64"


def is_static(binary: bytes) -> bool:
    return b"GLIBC_2" not in binary


def metadata(version: str) -> str:
    readme = Path("README.md").read_text(encoding="utf-8")
    return (
        "Metadata-Version: 2.1\n"
        "Name: getimg-keys\n"
        f"Version: {version}\n"
        "Summary: Keeps getimg.ai API keys in the operating system's keychain, one per environment\n"
        "License: MIT OR Apache-2.0\n"
        "Classifier: Environment :: Console\n"
        "Classifier: Operating System :: POSIX :: Linux\n"
        "Description-Content-Type: text/markdown\n"
        f"\n{readme}"
    )


def main(binary: str, version: str, folder: str) -> None:
    program = Path(binary).read_bytes()
    tags = TAGS + ([MUSL] if is_static(program) else [])
    info = f"getimg_keys-{version}.dist-info"
    files = {
        f"getimg_keys-{version}.data/scripts/getimg-keys": (program, 0o755),
        f"{info}/METADATA": (metadata(version).encode(), 0o644),
        f"{info}/WHEEL": (
            (
                "Wheel-Version: 1.0\nGenerator: getimg-keys packaging\nRoot-Is-Purelib: false\n"
                + "".join(f"Tag: py3-none-{tag}\n" for tag in tags)
            ).encode(),
            0o644,
        ),
        f"{info}/licenses/LICENSE": (Path("LICENSE").read_bytes(), 0o644),
    }
    at = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", "315532800")), 315532800))[:6]
    record = ""
    path = Path(folder) / f"getimg_keys-{version}-py3-none-{'.'.join(tags)}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:

        def put(name: str, data: bytes, mode: int) -> None:
            entry = zipfile.ZipInfo(name, at)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100000 | mode) << 16
            wheel.writestr(entry, data)

        for name, (data, mode) in files.items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record += f"{name},sha256={digest},{len(data)}\n"
            put(name, data, mode)
        put(f"{info}/RECORD", f"{record}{info}/RECORD,,\n".encode(), 0o644)


main(*sys.argv[1:])
