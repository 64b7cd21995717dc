#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image: what the grader needs is installed, nothing is graded.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"  # the unpacked zip, /autograder/source
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends bubblewrap python3 python3-venv
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10) and "The grader needs Python 3.10 or newer: choose a newer base image.")'
python3 -m venv ../venv
../venv/bin/python -m pip install --upgrade pip
../venv/bin/python -m pip install --no-cache-dir -r requirements.txt
python3 run_autograder --prepare "$(dirname "$PWD")"
