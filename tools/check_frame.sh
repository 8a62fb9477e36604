# shellcheck shell=bash
# The frame of a check, sourced as its first line: goes to ROOT, the check's first argument, or else to this repository;
# lists its files, collects what is wrong. The check ends with `finish`.
set -euo pipefail

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

# files [PATTERN...]: what is tracked or about to be, one a line.
# shellcheck disable=SC2120 # the patterns come from those who source this
files() {
  git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r file; do
    if [[ -f $file ]]; then printf '%s\n' "$file"; fi
  done
}

faults=0
fault() {
  printf '%s\n' "$1"
  faults=$((faults + 1))
}

finish() {
  if ((faults > 0)); then exit 1; fi
}

# A check that sees no files finds nothing wrong: git may have refused to list them.
# shellcheck disable=SC2119
if [[ -z $(files) ]]; then
  printf '%s: git lists no files here, so there is nothing to check\n' "$PWD" >&2
  exit 1
fi
