#!/usr/bin/env python3
"""Releases documents: releases.py FOLDER CREDIT PROGRAM... Each document gets a folder of its own below FOLDER.

CREDIT is an answers file with its evidence, to be released as it is. PROGRAM is techfile with its catalogue. The tower has
three revisions, the second signed, the first withdrawn; `forged/` holds the same three revisions with another answer in
the first one, as somebody would make them who wants another past; the name of the third document is a trap for shells."""

import copy
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

from documents import PICTURES, sentence, toy

PERSON = {"by": "Ada Smit", "role": "Head of Quality", "date": "2026-11-20"}


def run(program, *arguments):
    done = subprocess.run([*program, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def release(program, path, answers, reason):
    """Writes answers, approves and releases them."""
    answers = copy.deepcopy(answers)
    answers["sign_off"] = {"status": "approved"}
    write = lambda: path.write_text(json.dumps(answers, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    write()
    said = run(program, "sign-off", path, *(word for key, value in PERSON.items() for word in (f"--{key}", value)))
    digests = {key: re.search(rf'\b{key}: "([0-9a-f]{{64}})"', said)[1] for key in ("content_id", "body")}
    answers["sign_off"]["approvals"] = [PERSON | digests]
    write()
    run(program, "release", path, "--reason", reason)


def tower(folder, program, first):
    """Three revisions; `first` is what the first one says of the weight."""
    folder.mkdir(parents=True)
    path = folder / "tower.yaml"
    (folder / "colour.jpg").write_bytes(PICTURES["colour.jpg"])
    (folder / "drops.csv").write_text("height,dents\n1 m,1\n2 m,2\n", encoding="utf-8")
    answers = toy(100, "Stacking tower", weight=first, story=f"{sentence(60)}\n\n![Bars](evidence:E-1)\n\n{sentence(40, 9)}", proof=["E-2"], evidence=[
        {"id": "E-1", "title": "A picture", "file": "colour.jpg", "alt": "Bars", "attach": True},
        {"id": "E-2", "title": "Drop tests", "file": "drops.csv", "attach": True}])
    release(program, path, answers, "first issue")
    answers["document"]["revision"] = "2"
    answers["weight"] = 0.95
    release(program, path, answers, "heavier; \"prev\":\"no key\", {and} 'this' is $(no) `command`")
    pdf = folder / "releases/T-100/2/tower.pdf"
    subprocess.run([sys.executable, str(Path(__file__).with_name("sign.py")), str(folder / "signed"), str(pdf)], check=True)
    run(program, "record", path, "--signed", folder / "signed/tower.pdf")
    run(program, "record", path, "--withdraw", "1", "--reason", "the weight was wrong")
    answers["document"]["revision"] = "3"
    answers["story"] = f"{sentence(50, 3)}\n\n![Bars](evidence:E-1)"
    release(program, path, answers, "a new story")


def main(folder, credit, *program):
    folder = Path(folder)
    tower(folder / "tower", program, 0.91)
    tower(folder / "forged", program, 0.81)
    odd = folder / "odd"
    odd.mkdir()
    release(program, odd / "it's $HOME & (co) – ö.yaml", toy(101, "A name for shells"), "first issue")
    # An approved sample, as it is.
    target = folder / "credit"
    shutil.copytree(Path(credit).parent, target, ignore=shutil.ignore_patterns("*.png", "*.md.tera"))
    run(program, "release", target / Path(credit).name, "--reason", "first issue")


if __name__ == "__main__":
    main(*sys.argv[1:])
