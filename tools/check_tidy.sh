#!/usr/bin/env bash
# clang-tidy finds nothing in what changed: in the sources that differ from a commit, are new, or include a header that
# differs or is new; what is not yet committed comes first. Needs a configured build/check, for its compile commands.
#
# Usage: tools/check_tidy.sh [ROOT [BASE [MINUTES]]]   all sources when BASE is empty; prints file:line: what is wrong; exit
# code 1 when there is anything. What has not begun after so many minutes is left out and noted in build/check/tidy.left.
# shellcheck source=tools/check_frame.sh
source "$(dirname "${BASH_SOURCE[0]}")/check_frame.sh"

base=${2:-}
minutes=${3:-600}
root=$(pwd -P) # as CMake writes it

# changed_sources COMMIT
changed_sources() {
  local file
  {
    git diff --name-only --diff-filter=d "$1" -- '*.cpp' '*.hpp'
    git ls-files --others --exclude-standard -- '*.cpp' '*.hpp'
  } | while IFS= read -r file; do
    case $file in
      *.cpp) printf '%s\n' "$file" ;;
      *) files '*.cpp' | xargs -r -d '\n' grep -lF "#include <leat/$file>" || true ;;
    esac
  done | sort -u
}

# Those of them that are built.
sources_to_tidy() {
  {
    if git rev-parse --verify --quiet HEAD >/dev/null; then changed_sources HEAD; fi
    if [[ -n $base ]]; then changed_sources "$base"; else files '*.cpp'; fi
  } | awk '!seen[$0]++' | while IFS= read -r file; do
    if grep -qF "\"$root/$file\"" build/check/compile_commands.json; then printf '%s\n' "$file"; fi
  done
}

if [[ ! -f build/check/compile_commands.json ]]; then
  echo "build/check is not configured: cmake --preset check"
  exit 1
fi
: >build/check/tidy.left
mapfile -t sources < <(sources_to_tidy)
if [[ -z $base && ${#sources[@]} == 0 ]]; then
  echo "build/check/compile_commands.json knows none of the sources here: ./dev clean, then again"
  exit 1
fi
echo "${#sources[@]} source files"
if ((${#sources[@]} == 0)); then exit; fi

# shellcheck disable=SC2016 # $1 and what follows are the inner shell's
if ! printf '%s\n' "${sources[@]}" |
  deadline=$((EPOCHSECONDS + 60 * minutes)) xargs -r -d '\n' -P "${BUILD_JOBS:-$(nproc)}" -n 1 bash -c '
    if ((EPOCHSECONDS > deadline)); then echo "$1" >>build/check/tidy.left && exit; fi
    output=$(clang-tidy -p build/check --quiet "$1" 2>&1) || { printf "%s\n" "$output" && exit 1; }' _ \
    >build/check/tidy.log; then
  # A fault in a header shows in every source that includes it and is printed once.
  sed -E "s,^$root/(build/check/include/leat/)?,," build/check/tidy.log | grep -E '(^|: )(error|warning): ' | sort -u || true
  echo "all of it, with the lines in question, is in build/check/tidy.log"
  exit 1
fi
