#!/usr/bin/env bash
# Runs an example at several parallelisms and compares what it prints, sorted, with the file that is expected.
# Usage: run.sh PROGRAM EXPECTED
set -euo pipefail

for parallelism in 1 2 5; do
  if ! diff <("$1" --parallelism "$parallelism" 2>/dev/null | LC_ALL=C sort) "$2"; then
    echo "$1 with parallelism $parallelism printed what is marked with <, and should have printed what is marked with >"
    exit 1
  fi
done
