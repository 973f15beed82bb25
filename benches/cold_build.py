#!/usr/bin/env python3
"""Cold build of a sample beside stock Typst on the Typst source that the build emits.

    cargo build --release
    python3 -m venv target/bench && target/bench/bin/pip install -q typst==0.15.2
    target/bench/bin/python benches/cold_build.py [samples/credit-scoring/answers.yaml]

Every figure is a fresh process, the two sides taking turns. The wheel `typst` 0.15.2 carries compiler 0.15.1; the time
that Python and the wheel need to start and import is measured the same way and taken off. Figures are ratios of one
run on one machine: they mean nothing beside those of another.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 15
ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "techfile"

IMPORT = "import typst"
COMPILE = (
    "import sys, typst;"
    "typst.compile(sys.argv[1], output=sys.argv[2], font_paths=[sys.argv[3]], ignore_system_fonts=True,"
    " pdf_standards=['a-3a', 'ua-1'])"
)


def run(command, cwd=ROOT):
    """Wall seconds and peak resident MiB of one process."""
    start = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{message.decode()}")
    return seconds, usage.ru_maxrss / 1024


def main():
    answers = Path(sys.argv[1] if len(sys.argv) > 1 else "samples/credit-scoring/answers.yaml")
    if not PROGRAM.exists():
        sys.exit("no release build: run `cargo build --release` first")
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        run([PROGRAM, "build", answers, "--out", out])
        typ = next(out.rglob("*.typ"))
        sides = {
            "techfile build": lambda i: run([PROGRAM, "build", answers, "--out", Path(scratch) / f"cold-{i}"]),
            "techfile check": lambda _: run([PROGRAM, "check", answers]),
            "stock typst": lambda _: run(
                [sys.executable, "-c", COMPILE, typ, Path(scratch) / "stock.pdf", ROOT / "templates" / "fonts"]
            ),
            "its import": lambda _: run([sys.executable, "-c", IMPORT]),
        }
        times = {name: [] for name in sides}
        peaks = dict.fromkeys(sides, 0.0)
        for i in range(ROUNDS):
            for name, side in sides.items():
                seconds, peak = side(i)
                times[name].append(seconds)
                peaks[name] = max(peaks[name], peak)
        middle = {name: statistics.median(values) for name, values in times.items()}
        stock = middle["stock typst"] - middle["its import"]
        print(f"{answers}, {ROUNDS} rounds, median of fresh processes, {os.cpu_count()} cores")
        for name in sides:
            print(f"  {name:15} {middle[name] * 1000:7.0f} ms   peak {peaks[name]:5.0f} MiB")
        print(f"  stock typst without its import: {stock * 1000:.0f} ms")
        rows = [
            ("build / stock typst", middle["techfile build"] / stock, 1.15, ""),
            ("peak memory of build, MiB", peaks["techfile build"], 150, ""),
            ("everything before Typst / build", middle["techfile check"] / middle["techfile build"], 0.05, ""),
        ]
        for name, figure, goal, unit in rows:
            verdict = "met" if figure <= goal else "missed"
            print(f"  {name:32} {figure:8.3f}{unit}   goal {goal}   {verdict}")


if __name__ == "__main__":
    main()
