# shellcheck shell=bash
# The frame of a check's test, sourced as its first line: a small tree to seed violations into, and what the check must
# say of it. The test ends with `finish_test`.
set -euo pipefail

tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

failures=0
failed() {
  printf 'FAILED: %s\n  %s\n' "$1" "$2"
  failures=$((failures + 1))
}

# expect_clean CHECK NAME
expect_clean() {
  local output
  if ! output=$("$tools/$1" "$tree" 2>&1); then failed "$2" "a correct tree is refused: $output"; fi
}

# expect_refusal CHECK NAME TEXT: the tree is refused in words that contain TEXT.
expect_refusal() {
  local output
  if output=$("$tools/$1" "$tree" 2>&1); then
    failed "$2" "not found; $1 said: $output"
  elif [[ $output != *"$3"* ]]; then
    failed "$2" "expected \"$3\" in: $output"
  fi
}

finish_test() {
  if ((failures > 0)); then exit 1; fi
  echo "$1"
}
