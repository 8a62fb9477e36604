#!/usr/bin/env bash
# C++ is formatted as clang-format has it, down to the byte.
#
# Usage: tools/check_format.sh [ROOT [--fix]]   prints file: what is wrong; exit code 1 when there is anything; or formats it
# shellcheck source=tools/check_frame.sh
source "$(dirname "${BASH_SOURCE[0]}")/check_frame.sh"

if [[ ${2:-} == --fix ]]; then
  files '*.hpp' '*.cpp' | xargs -r -d '\n' clang-format -i
  exit
fi

# shellcheck disable=SC2016 # $1 is the inner shell's
if ! files '*.hpp' '*.cpp' | xargs -r -d '\n' -P "${BUILD_JOBS:-$(nproc)}" -n 1 \
  bash -c 'clang-format "$1" | cmp -s - "$1" || { echo "$1: not as clang-format has it"; exit 1; }' _; then
  echo "./dev check --fix formats them"
  exit 1
fi
