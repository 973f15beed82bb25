#!/usr/bin/env python3
"""Draws the pictures that the READMEs show, from the samples as they are built now.

    cargo build
    python3 tests/tools/pictures.py [PROGRAM]

PROGRAM is target/debug/techfile where nothing else is said; `pdftoppm` and `pdftotext` (poppler) draw and look for the
page. Each picture carries, as a text chunk `document` (PNG, 11.3.4.3), the digest of the sample's `document.md`: a test
holds the two against each other, so that no picture shows what a document said once.
"""

import hashlib
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The picture, dots per inch, and words that only its page has; none: the first page.
PICTURES = [
    ("samples/credit-scoring/cover.png", 80, None),
    ("samples/credit-scoring/summary.png", 72, "Completeness of the nine points"),
    ("samples/credit-scoring/risks.png", 72, "Risk matrix before measures"),
    ("samples/house-style/cover.png", 80, None),
]


def run(*command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, cwd=ROOT).stdout


def page_of(pdf, words):
    """The first page on which the words stand."""
    if words is None:
        return 1
    pages = run("pdftotext", "-layout", pdf, "-").decode().split("\f")
    return 1 + next(index for index, text in enumerate(pages) if words in text)


def with_text(png, key, value):
    """The picture with a text chunk before its end."""
    content = b"tEXt" + key.encode("latin-1") + b"\0" + value.encode("latin-1")
    chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
    end = png.rindex(b"IEND") - 4
    return png[:end] + chunk + png[end:]


def main():
    program = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target/debug/techfile").resolve()
    with tempfile.TemporaryDirectory() as scratch:
        for number, (picture, dots, words) in enumerate(PICTURES):
            folder = (ROOT / picture).parent
            house = ["--catalog", folder / "catalog"] if (folder / "catalog").is_dir() else []
            out = Path(scratch) / str(number)
            run(program, "build", folder / "answers.yaml", "--out", out, *house)
            pdf = out / "answers.pdf"
            page = page_of(pdf, words)
            run("pdftoppm", "-r", dots, "-png", "-f", page, "-l", page, "-singlefile", pdf, out / "page")
            digest = hashlib.sha256((folder / "document.md").read_bytes()).hexdigest()
            (ROOT / picture).write_bytes(with_text((out / "page.png").read_bytes(), "document", digest))
            print(f"{picture}: page {page}")


if __name__ == "__main__":
    main()
