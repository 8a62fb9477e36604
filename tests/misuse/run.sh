#!/usr/bin/env bash
# Compiles a program that is wrong in one place and looks for the sentence that tells its author what to do.
# Usage: run.sh FILE COMPILER [FLAG…]      the file's first line is "// expect: SENTENCE"
set -uo pipefail

file=$1
shift
wanted=$(sed -n '1s,^// expect: ,,p' "$file")
if [[ -z $wanted ]]; then
  echo "$file: the first line has to be // expect: SENTENCE"
  exit 1
fi

if said=$("$@" -fsyntax-only "$file" 2>&1); then
  echo "$file compiles, and should not"
  exit 1
fi
if [[ $said != *"$wanted"* ]]; then
  echo "$file: the compiler should have said: $wanted"
  echo "it said:"
  grep -m 5 "error" <<<"$said"
  exit 1
fi
