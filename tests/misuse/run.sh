#!/usr/bin/env bash
# Compiles a program that is wrong in one place and looks for the sentences that tell its author what to do.
# Usage: run.sh FILE COMPILER [FLAG…]      the file begins with lines "// expect: SENTENCE"
set -uo pipefail

file=$1
shift
mapfile -t all_wanted < <(sed -n 's,^// expect: ,,p' "$file")
if [[ ${#all_wanted[@]} == 0 ]]; then
  echo "$file: the first line has to be // expect: SENTENCE"
  exit 1
fi

if said=$("$@" -fsyntax-only "$file" 2>&1); then
  echo "$file compiles, and should not"
  exit 1
fi
for wanted in "${all_wanted[@]}"; do
  if [[ $said != *"$wanted"* ]]; then
    echo "$file: the compiler should have said: $wanted"
    echo "it said:"
    grep -m 5 "error" <<<"$said"
    exit 1
  fi
done
