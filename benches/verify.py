#!/usr/bin/env python3
"""How long `techfile verify` takes: a PDF of a hundred pages, and a ledger of ten thousand lines.

    cargo build --release
    python3 benches/verify.py [PROGRAM]

PROGRAM is target/release/techfile where nothing else is said. The document is of the toy kind of the tests, approved and
released as everybody would do it; the ledger is written here, line by line, as `src/record/ledger.rs` writes it. Every
figure is the median of fresh processes that read from a warm disk. It exits with 1 where a goal is missed.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
from pathlib import Path

from measure import ROOT, Failed, median, pages, program, run

ROUNDS = 9
LINES = 10_000
PERSON = {"by": "Ada Smit", "role": "Head of Quality", "date": "2026-11-20"}
WORDS = "The operator reads the score, compares it with the file and writes down why the decision differs."


def write(path, paragraphs, approvals):
    answers = {
        "kind": "toy",
        "document": {"id": "T-1", "title": "A hundred pages", "revision": "1", "date": "2026-11-20", "language": "en", "owner": "Office"},
        "sign_off": {"status": "approved"} | ({"approvals": approvals} if approvals else {}),
        "toy_name": "Tower",
        "parts": [{"id": f"p-{at}", "part_name": f"Part {at}"} for at in range(400)],
        "power": {"source": "hand"},
        "story": "\n\n".join(f"{at}. {WORDS * 6}" for at in range(1, paragraphs + 1)),
    }
    path.write_text(json.dumps(answers, indent=1) + "\n")


def released(techfile, folder):
    """The answers file of a released document of a hundred pages, and how many there are."""
    path = folder / "answers.yaml"
    count, paragraphs = 0, 480
    while not 100 <= count <= 104:
        write(path, paragraphs, None)
        said = run(*techfile, "sign-off", path, *(word for key, value in PERSON.items() for word in (f"--{key}", value)))[0]
        digests = {key: re.search(rf'\b{key}: "([0-9a-f]{{64}})"', said)[1] for key in ("content_id", "body")}
        write(path, paragraphs, [PERSON | digests])
        run(*techfile, "build", path, "--out", folder / "out")
        count = pages(folder / "out/answers.pdf")
        paragraphs = paragraphs * 102 // count
    run(*techfile, "release", path, "--reason", "first issue")
    return path, count


def ledger(folder):
    """Ten thousand lines with a head."""
    before, lines = "0" * 64, []
    digest = lambda text: hashlib.sha256(text.encode()).hexdigest()
    for number in range(1, LINES + 1):
        names = ("answers.pdf", "answers.md", "answers.manifest.json", "SHA256SUMS")
        line = {
            "build_id": digest(f"build {number}"), "content_id": digest(f"content {number}"), "date": "2026-11-20", "doc": "T-2",
            "event": "release", "files": [{"name": name, "sha256": digest(f"{name} {number}"), "size": number} for name in names],
            "format": "techfile-ledger/1", "prev": before, "reason": f"reason number {number}", "rev": str(number),
            "reviewed_by": ["Ada Smit", "Jan Doe"], "seq": number, "tool": "techfile 0.1.0",
        }
        lines.append(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n")
        before = digest(lines[-1])
    path = folder / "T-2.ledger.jsonl"
    path.write_text("".join(lines))
    path.with_suffix(".head").write_text(before + "\n")
    return path


def main():
    techfile = (program(*sys.argv[1:2]), "--catalog", ROOT / "tests/suite/toy")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        answers, count = released(techfile, scratch)
        folder = answers.parent / "releases/T-1"
        pdf = folder / "1/answers.pdf"
        own, chain = folder / "T-1.ledger.jsonl", ledger(scratch)
        rows = [
            (f"a PDF of {count} pages and its ledger", (pdf, "--ledger", own), 1.0),
            ("the same PDF alone", (pdf,), 1.0),
            ("its release folder", (folder / "1",), None),
            ("its release folder, rebuilt", (folder / "1", "--rebuild"), None),
            (f"a ledger of {LINES} lines", (chain,), 2.0),
        ]
        print(f"techfile verify, {ROUNDS} rounds, median of fresh processes, {os.cpu_count()} cores")
        missed = False
        for name, arguments, goal in rows:
            runs = [run(*techfile, "verify", *arguments)[1:] for _ in range(ROUNDS)]
            seconds, peak = median(run[0] for run in runs), max(run[1] for run in runs)
            verdict = "no goal" if goal is None else f"goal {goal:.0f} s: {'met' if seconds < goal else 'missed'}"
            missed |= goal is not None and seconds >= goal
            print(f"  {name:40} {seconds * 1000:7.0f} ms   peak {peak:4.0f} MiB   {verdict}")
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(str(error))
