#!/usr/bin/env bash
# Run by Gradescope as root, once, when the image is built.
#
# Source: gradescope/autograder_samples, docs/specs.md, base_images.md (Ubuntu 22.04, which brings
# Python 3.10), python3_issues.md (its own python3 must stay what it is), best_practices.md (grade
# as a user who may do little).
set -euo pipefail
root="${MODUL4_AUTOGRADER:-/autograder}"
source="$root/source"

# Prints the newest Python that the kit can use and that can make an environment.
python_here() {
  local name
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2> /dev/null
    then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

# Installs the newest one that the system's packages have.
install_python() {
  local version
  for version in 3.14 3.13 3.12 3.11; do
    # A name with a point is a pattern for apt-get, so it is looked up first, to the letter.
    if apt-cache pkgnames "python$version-venv" | grep -xF "python$version-venv" > /dev/null
    then
      apt-get install -y --no-install-recommends "python$version" "python$version-venv"
      return 0
    fi
  done
  return 1
}

export DEBIAN_FRONTEND=noninteractive
if ! python="$(python_here)"; then
  apt-get update
  if ! install_python; then
    # Ubuntu's own archive of newer Pythons.
    apt-get install -y --no-install-recommends software-properties-common
    add-apt-repository -y ppa:deadsnakes/ppa
    apt-get update
    install_python || true
  fi
  if ! python="$(python_here)"; then
    echo "Python 3.11 or later could not be installed: choose a newer base image." >&2
    exit 1
  fi
fi

# What the kit needs, in an environment of its own beside it.
cd "$source"
"$python" -c 'import sys; from harness.setup.environment import prepare; prepare(sys.argv[1:])' \
  --lang=en --help > /dev/null
echo "$python" > "$source/python"
"$python" -m compileall -q harness || true

# The user who grades, and who may read the kit and change nothing of it. No other user may read it.
id modul4 > /dev/null 2>&1 \
  || useradd --system --no-create-home --shell /usr/sbin/nologin modul4
chown -R root:modul4 "$source"
chmod -R u=rwX,g=rX,o= "$source"
