#!/usr/bin/env bash
# Takes the steps of the Dockerfile without Docker, in a temporary folder: installs, fetches the
# weights, and asks a server that runs as an unprivileged user on files that it cannot write.
# Takes some minutes and the package index; to be run by root, who can become another user.
set -euo pipefail
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

step() { printf '\n== %s\n' "$*"; }

step "What the image is built from: the files that are committed"
export PREFIX="$work/opt"
mkdir "$work/src"
git archive HEAD | tar -x -C "$work/src"

step "The steps of the stage 'build', but for the compiler's"
"$python" - deploy/Dockerfile > "$work/steps.sh" << 'PYTHON'
import re
import sys
from pathlib import Path

build, _, _ = Path(sys.argv[1]).read_text().partition("\nFROM python:3.11-slim-bookworm\n")
steps = re.findall(r"^RUN ((?:.*\\\n)*.*)$", build, re.MULTILINE)
print("set -euxo pipefail", *(step for step in steps if "apt-get" not in step), sep="\n")
PYTHON
(cd "$work/src" && PATH="$(dirname "$(command -v "$python")"):$PATH" bash "$work/steps.sh")

step "A user who may write one folder"
state="$work/state"
install --directory --owner=65534 --group=65534 --mode=0700 "$state"
# One command after the other takes the place of the one before: its process is the server's.
as_nobody=(
    setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --bounding-set=-all
    env -i PATH="$PREFIX/bin:/usr/bin:/bin" HOME="$state" PYTHONDONTWRITEBYTECODE=1
    RAKKAN_HOME="$state" RAKKAN_ENCODER="$PREFIX/encoder"
)
if "${as_nobody[@]}" sh -c 'find "$1" -writable ! -type l | grep .' sh "$PREFIX"; then
    echo "the user can write what is installed" >&2
    exit 1
fi
key="$("${as_nobody[@]}" rakkan keys create try --scope score)"

step "The server"
"${as_nobody[@]}" rakkan serve --port 0 2> "$work/log" &
server=$!
trap 'kill -9 $server 2> /dev/null || true; rm -rf "$work"' EXIT
address=""
while [ -z "$address" ]; do
    kill -0 "$server" || { cat "$work/log"; exit 1; }
    sleep 0.5
    address="$(grep -o 'http://[0-9.:]*' "$work/log" | head -n 1 || true)"
done

ask() { curl --silent --show-error --fail-with-body --max-time 60 "$@"; echo; }
ask "$address/healthz"
ask "$address/readyz"
"$PREFIX/bin/python" -c "
from PIL import Image
Image.effect_mandelbrot((320, 240), (-3, -2.5, 2, 2.5), 100).save('$work/upload.png')"
ask -H "Authorization: Bearer $key" -F image=@"$work/upload.png" "$address/v1/scores" > "$work/answer"
grep -q '"status":"decided"' "$work/answer"
head -c 300 "$work/answer"; echo
ask -H "Authorization: Bearer $key" "$address/metrics" | grep '^rakkan_judge'

step "Another model, without a restart"
for model in linear-v1-int8 linear-v1-float; do
    "${as_nobody[@]}" rakkan models promote "$model"
done
kill -HUP "$server"
for _ in $(seq 60); do
    ask "$address/readyz" | grep linear && break
    sleep 0.5
done
ask "$address/readyz" | grep -q linear

step "The end"
kill -TERM "$server"
wait "$server" || [ $? -eq 143 ]
if grep -q Traceback "$work/log"; then cat "$work/log"; exit 1; fi
step "All steps were taken"
