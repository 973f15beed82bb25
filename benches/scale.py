#!/usr/bin/env python3
"""Many documents: a run that has nothing to do, ten thousand documents, and two workers beside one.

    cargo build --release --locked
    python3 -m venv target/bench && target/bench/bin/pip install -q typst==0.15.2
    target/bench/bin/python benches/scale.py [current | many | parallel]...

Without a name all three are measured, which takes half an hour or so on two cores. `current` and `many` take the
shortest documents that there are: a paragraph, with cover, contents and control pages around it; `parallel` takes a
document of forty pages: the sample `whisper`, lengthened, with other words in each copy. Stock Typst compiles the Typst
source that techfile wrote, in one process of the wheel `typst` 0.15.2 (compiler 0.15.1), one after the other: what the
wheel needs to start counts once, and the caches of Typst stay warm. Memory is that of the program and all its workers
together, pages that they share counted for each. Figures of one run on one machine mean nothing beside others. It exits
with 1 where a goal is missed.
"""

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from measure import FONTS, STANDARDS, Failed, Family, forty_page_sample, median, pages, program, run, verdict

ROUNDS = 5
CURRENT, MANY, PARALLEL = 1_000, 10_000, 200

# A loop over the files that stand in one, in one process.
LOOP = (
    "import sys, typst;"
    "[typst.compile(line.strip(), output=line.strip() + '.pdf', font_paths=[sys.argv[2]], ignore_system_fonts=True,"
    " pdf_standards=sys.argv[3:]) for line in open(sys.argv[1])]"
)
NOTE = {
    "schemas/note.schema.json": json.dumps({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Note",
        "description": "What there is to say of one system, on one page.",
        "type": "object",
        "additionalProperties": False,
        "required": ["kind", "document", "note"],
        "properties": {
            "kind": {"title": "the kind", "description": "Which document is this?", "type": "string", "const": "note"},
            "document": {"$ref": "common.schema.json#/$defs/control"},
            "sign_off": {"$ref": "common.schema.json#/$defs/signOff"},
            "note": {
                "title": "the note", "description": "What is there to say?", "type": "string",
                "contentMediaType": "text/markdown",
            },
        },
    }),
    "templates/note.md.tera": '## 1. {{ w.note_note }} {{ at(key="/note") }}\n\n{{ <block label={w.note_note} value={answers.note} /> }}\n',
    "templates/locales/en/note.yaml": 'source_of_words: Made up.\nofficial_words: ""\nkind_title: Note\nnote_note: Note\n',
}


def control(number):
    return {
        "id": f"NOTE-{number}", "title": f"Note {number}", "revision": "1", "date": "2026-11-20", "language": "en",
        "classification": "internal", "owner": "Office", "authors": ["Ada Smit"], "next_review": "2027-11-20",
        "revisions": [{"revision": "1", "date": "2026-11-20", "author": "Ada Smit", "summary": "First issue"}],
    }


def notes(folder, count):
    """A project of so many notes."""
    for name, text in NOTE.items():
        path = folder / "house" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "techfile.yaml").write_text('documents: ["docs/**/answers.yaml"]\ncatalog: house\n')
    for number in range(count):
        path = folder / f"docs/{number // 100:03}/{number:05}/answers.yaml"
        path.parent.mkdir(parents=True)
        note = f"System {number} scores requests of group {number % 7}; its records are kept for ten years."
        answers = {"kind": "note", "document": control(number), "sign_off": {"status": "draft"}, "note": note}
        path.write_text(json.dumps(answers, indent=1) + "\n")


def loop(sources, folder):
    """Wall seconds of stock Typst over these sources."""
    names = folder / "names"
    names.write_text("".join(f"{source}\n" for source in sources))
    return run(sys.executable, "-c", LOOP, names, FONTS, *STANDARDS)[1]


def told(text):
    return text.strip().splitlines()[-1]


def built(text, count, of):
    """Demands that a run built so many and left the others."""
    wanted = f"{of} documents: {f'{count} built, ' if count else ''}{of - count} up to date"
    if told(text) != wanted:
        raise Failed(f"expected `{wanted}`, got `{told(text)}`")


def current(techfile, folder):
    """A run over a thousand documents and their register that are all up to date, and one answer of a thousand."""
    notes(folder, CURRENT)
    run(techfile, "new", "document-register", "--out", "docs/register/answers.yaml", cwd=folder)
    count = CURRENT + 1
    _, cold, _ = run(techfile, "build", "-j", "2", cwd=folder)
    figures, checks = [], []
    for _ in range(ROUNDS):
        text, seconds, _ = run(techfile, "build", cwd=folder)
        built(text, 0, count)
        figures.append(seconds)
        checks.append(run(techfile, "build", "--check", cwd=folder)[1])
    one = folder / "docs/005/00500/answers.yaml"
    one.write_text(one.read_text().replace("ten years", "eleven years"))
    text, touched, _ = run(techfile, "build", cwd=folder)
    built(text, 2, count)
    one.write_text("# a comment\n" + one.read_text())
    text, commented, _ = run(techfile, "build", cwd=folder)
    built(text, 0, count)
    few = sorted(folder.glob("build/docs/0*/**/answers.typ"))[:50]
    each = pages(few[0].with_suffix(".pdf"))
    print(f"{CURRENT} documents of {each} pages and their register, all current, median of {ROUNDS}")
    print(f"  build                          {median(figures):7.2f} s   {verdict(median(figures), 1.0)}")
    print(f"  build --check                  {median(checks):7.2f} s   {verdict(median(checks), 1.0)}")
    print(f"  one answer changed             {touched:7.2f} s   builds 2: the document and the register")
    print(f"  one comment changed            {commented:7.2f} s   builds 0")
    print(f"  all of them, -j 2              {cold:7.2f} s")
    print(f"  stock Typst over {len(few)} of them     {loop(few, folder):7.2f} s")
    return max(median(figures), median(checks)) <= 1.0


def many(techfile, folder):
    """Ten thousand documents, and again."""
    notes(folder, MANY)
    with Family() as family:
        text, seconds, _ = run(techfile, "build", "-j", "2", cwd=folder)
    print(f"{MANY} documents of {pages(next(folder.glob('build/**/*.pdf')))} pages, -j 2: {told(text)}")
    print(f"  build                          {seconds:7.1f} s")
    print(f"  memory of all processes        {family.peak:7.0f} MiB   {verdict(round(family.peak), 1024)}")
    with Family() as again:
        text, second, _ = run(techfile, "build", "-j", "2", cwd=folder)
    print(f"  again                          {second:7.2f} s   {verdict(second, 5.0)}   {told(text)}")
    print(f"  memory of it                   {again.peak:7.0f} MiB")
    few = sorted(folder.glob("build/**/answers.typ"))[:500]
    built(text, 0, MANY)
    print(f"  stock Typst over {len(few)} of them    {loop(few, folder):7.1f} s")
    return family.peak <= 1024 and second <= 5.0


def parallel(techfile, folder):
    """Two workers beside one, and beside a loop over stock Typst."""
    # Each has a name of its own: they belong to no project, for each says something else of one system.
    files = []
    for number in range(PARALLEL):
        answers = forty_page_sample(folder / f"docs/{number:03}", number)
        files.append(answers.rename(answers.with_name(f"copy-{number:03}.yaml")))
    one = {**os.environ, "RAYON_NUM_THREADS": "1"}
    sides = {
        "one worker, one thread": lambda out: run(techfile, "build", *files, "-j", "1", "--out", out, cwd=folder, environment=one)[1],
        "one worker, all threads": lambda out: run(techfile, "build", *files, "-j", "1", "--out", out, cwd=folder)[1],
        "-j 2": lambda out: run(techfile, "build", *files, "-j", "2", "--out", out, cwd=folder)[1],
    }
    seconds, peaks = {}, {}
    for at, (name, side) in enumerate(sides.items()):
        with Family() as family:
            seconds[name] = side(folder / f"out-{at}")
        peaks[name] = family.peak
    sources = sorted(folder.glob("out-2/copy-*.typ"))
    with Family() as family:
        seconds["loop over stock Typst"] = loop(sources, folder)
    peaks["loop over stock Typst"] = family.peak
    print(f"{len(sources)} documents of {pages(next(folder.glob('out-2/*.pdf')))} pages")
    for name, figure in seconds.items():
        print(f"  {name:28} {figure:7.1f} s   {peaks[name]:5.0f} MiB   {figure / seconds['-j 2']:5.2f} times `-j 2`")
    held = True
    for name, goal in [("one worker, one thread", 1.7), ("one worker, all threads", 1.0), ("loop over stock Typst", 1.0)]:
        ratio = seconds[name] / seconds["-j 2"]
        held &= ratio >= goal
        print(f"  {name} / -j 2: {ratio:.2f}   goal at least {goal}: {'met' if ratio >= goal else 'MISSED'}")
    return held


def main():
    techfile = program()
    parts = {"current": current, "many": many, "parallel": parallel}
    held = True
    print(f"{os.cpu_count()} cores")
    for name in sys.argv[1:] or parts:
        with tempfile.TemporaryDirectory() as scratch:
            held &= parts[name](techfile, Path(scratch))
    return 0 if held else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failed as error:
        sys.exit(str(error))
