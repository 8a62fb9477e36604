#!/usr/bin/env bash
# Runs the programs of the preset `fuzz`: from the inputs in the repository on, and from what earlier runs have kept below
# build/fuzz/corpus. An input that has found something stays below build/fuzz/found.
#
# Usage: tools/fuzz.sh TARGET|all SECONDS      one target, or all of them for so many seconds together
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

seconds=${2:-60}
[[ $seconds =~ ^[1-9][0-9]*$ ]] || {
  echo "fuzz needs a number of seconds, not '$seconds'" >&2
  exit 1
}
mapfile -t targets < <(ls tests/fuzz/corpus)
if [[ ${1:-all} != all ]]; then targets=("$1"); fi

for target in "${targets[@]}"; do
  if [[ ! -d tests/fuzz/corpus/$target ]]; then
    echo "no target '$target'; there are: $(ls -x -w 200 tests/fuzz/corpus)" >&2
    exit 1
  fi
  share=$((seconds / ${#targets[@]}))
  found=build/fuzz/found/$target grown=build/fuzz/corpus/$target
  mkdir -p "$found" "$grown"
  UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1} "build/fuzz/tests/fuzz/fuzz_$target" \
    -max_total_time=$((share < 1 ? 1 : share)) -max_len=4096 -timeout=10 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$found/" "$grown" "tests/fuzz/corpus/$target" >"$found/last.log" 2>&1 || {
    cat "$found/last.log"
    echo "fuzz_$target has found something: the newest input in $found. Mend what it shows and add it to tests/fuzz/corpus/$target" >&2
    exit 1
  }
  awk -v target="$target" '/number_of_executed_units/ { printf "%-16s %d inputs\n", target, $2 }' "$found/last.log"
done
