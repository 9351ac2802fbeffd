"""Packs the program as a wheel: `wheel.py PROGRAM VERSION FOLDER TAG[.TAG…]`. Nothing but the standard library."""

import base64
import hashlib
import os
import sys
import time
import zipfile
from pathlib import Path

SYSTEMS = {"win": "Microsoft :: Windows", "macosx": "MacOS", "manylinux": "POSIX :: Linux", "musllinux": "POSIX :: Linux"}


def metadata(version: str, tag: str) -> str:
    readme = Path("README.md").read_text(encoding="utf-8")
    return (
        "Metadata-Version: 2.4\n"
        "Name: getimg-keys\n"
        f"Version: {version}\n"
        "Summary: Keeps getimg.ai API keys in the operating system's keychain, one per environment\n"
        "License-Expression: MIT OR Apache-2.0\n"
        "License-File: LICENSE\n"
        "Classifier: Environment :: Console\n"
        f"Classifier: Operating System :: {SYSTEMS[tag.split('_')[0]]}\n"
        "Description-Content-Type: text/markdown\n"
        f"\n{readme}"
    )


def about(tags: list[str]) -> str:
    head = "Wheel-Version: 1.0\nGenerator: getimg-keys packaging\nRoot-Is-Purelib: false\n"
    return head + "".join(f"Tag: py3-none-{tag}\n" for tag in tags)


def write(path: Path, info: str, files: dict[str, tuple[bytes, int]]) -> None:
    at = time.gmtime(max(int(os.environ.get("SOURCE_DATE_EPOCH", "315532800")), 315532800))[:6]
    record = ""
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


def main(program: str, version: str, folder: str, tag: str) -> None:
    tags = tag.split(".")
    info = f"getimg_keys-{version}.dist-info"
    name = "getimg-keys.exe" if tag.startswith("win") else "getimg-keys"
    files = {
        f"getimg_keys-{version}.data/scripts/{name}": (Path(program).read_bytes(), 0o755),
        f"{info}/METADATA": (metadata(version, tag).encode(), 0o644),
        f"{info}/WHEEL": (about(tags).encode(), 0o644),
        f"{info}/licenses/LICENSE": (Path("LICENSE").read_bytes(), 0o644),
    }
    write(Path(folder) / f"getimg_keys-{version}-py3-none-{tag}.whl", info, files)


main(*sys.argv[1:])
