#!/bin/sh
# Finds a Python and hands over to launch.py, which does the rest.
cd "$(dirname "$0")" || exit 1
for python in python3 python3.13 python3.12 python3.11 python3.14 python; do
  if command -v "$python" >/dev/null 2>&1 && "$python" -c "" >/dev/null 2>&1; then
    exec "$python" launch.py "$@"
  fi
done
echo "Python 3.11 or newer is needed. Debian, Ubuntu: sudo apt install python3 python3-venv. macOS: brew install python@3.13" >&2
exit 1
