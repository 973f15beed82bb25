"""What the benchmarks share: processes with their time and memory, and stock Typst beside them."""

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "techfile"
FONTS = ROOT / "templates" / "fonts"
WHISPER = ROOT / "samples" / "whisper"
# Standards as techfile writes them.
STANDARDS = ("a-3a", "ua-1")

# The wheel `typst` 0.15.2 carries compiler 0.15.1.
IMPORT = "import typst"
COMPILE = (
    "import sys, typst;"
    "typst.compile(sys.argv[1], output=sys.argv[2], font_paths=[sys.argv[3]], ignore_system_fonts=True,"
    " pdf_standards=sys.argv[4:])"
)

SENTENCE = "The operator reads what the system put out, compares it with the file and writes down why a decision differs. "
# Of five such sentences each: what a sample of 33 pages lacks for forty.
PARAGRAPHS = 90


class Failed(Exception):
    """A process that did not end with 0, with what it said last."""


def program(argument=None):
    """The techfile to be measured."""
    path = Path(argument or PROGRAM).resolve()
    if not path.exists():
        sys.exit("no release build: run `cargo build --release --locked` first")
    return path


def run(*command, cwd=ROOT, environment=None):
    """What one process says, its wall seconds, and the peak resident MiB of it or of the largest that it waited for."""
    command = [str(part) for part in command]
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        text = said.read().decode(errors="replace")
    if process.returncode != 0:
        last = (text.strip().splitlines() or ["it said nothing"])[-1]
        raise Failed(f"`{Path(command[0]).name} {' '.join(command[1:])[:120]}` failed: {last[:160]}")
    return text, seconds, usage.ru_maxrss / 1024


def stock(source, output, standards=STANDARDS):
    """One document through stock Typst in a fresh process, its start and import included."""
    return run(sys.executable, "-c", COMPILE, source, output, FONTS, *standards)


def median(values):
    return statistics.median(values)


def verdict(figure, goal):
    """A figure beside its goal, which it must not pass."""
    return f"goal {goal}: {'met' if figure <= goal else 'MISSED'}"


def pages(pdf):
    """The pages of a PDF, as its metadata count them."""
    return int(re.search(rb"<xmpTPg:NPages>([0-9]+)<", Path(pdf).read_bytes())[1])


def lengthened(answers, paragraphs):
    """Answers with these paragraphs at the head of their summary."""
    at = answers.index("\n", answers.index("summary: |")) + 1
    indent = " " * (len(answers[at:]) - len(answers[at:].lstrip(" ")))
    return answers[:at] + "".join(f"{indent}{paragraph}\n\n" for paragraph in paragraphs) + answers[at:]


def forty_pages(sample, number):
    """The answers of a sample of 33 pages with seven pages more, none of whose paragraphs is that of another copy."""
    answers = re.sub(r"(?<=[a-z)])\.$", f", in copy {number}.", sample, flags=re.MULTILINE)
    answers = re.sub(r"^  id: .*", rf"\g<0>-{number}", answers, count=1, flags=re.MULTILINE)
    return lengthened(answers, [f"{at}. In copy {number}: {SENTENCE * 5}" for at in range(1, PARAGRAPHS + 1)])


def forty_page_sample(folder, number=1):
    """The sample with its evidence in a folder of its own; the path of its answers."""
    shutil.copytree(WHISPER, folder, ignore=shutil.ignore_patterns("answers*.yaml", "document*.md"))
    answers = folder / "answers.yaml"
    answers.write_text(forty_pages((WHISPER / answers.name).read_text("utf-8"), number), "utf-8")
    return answers


class Family:
    """The resident MiB of this process's children and theirs, together: shared pages count for each, so it is too much."""

    def __enter__(self):
        self.peak, self._ended = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()

    def _look(self):
        page = os.sysconf("SC_PAGE_SIZE")
        while not self._ended.wait(0.1):
            parents, resident = {}, {}
            for entry in Path("/proc").iterdir():
                if not entry.name.isdigit():
                    continue
                try:
                    fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                except OSError:
                    continue
                parents[int(entry.name)], resident[int(entry.name)] = int(fields[1]), int(fields[21]) * page
            own = {os.getpid()}
            while more := {child for child, parent in parents.items() if parent in own} - own:
                own |= more
            own.remove(os.getpid())
            self.peak = max(self.peak, sum(resident[child] for child in own) / 2**20)
