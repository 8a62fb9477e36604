#!/usr/bin/env bash
# Code shown in a document is code that is compiled. A fenced block after a line `<!-- from PATH -->` must be found, as it
# stands, in that file.
#
# Usage: tools/check_snippets.sh [ROOT]    prints document:line: what is wrong; exit code 1 when there is anything
# shellcheck source=tools/check_frame.sh
source "$(dirname "${BASH_SOURCE[0]}")/check_frame.sh"

# check_block DOCUMENT LINE PATH TEXT
check_block() {
  if [[ ! -f $3 ]]; then
    fault "$1:$2: shows code from $3, which is not there"
  elif [[ $(<"$3") != *"$4"* ]]; then
    fault "$1:$2: this is no longer what $3 says; copy it again"
  fi
}

check_document() {
  local document=$1 lines line number=0 from="" began=0 block="" inside=0
  mapfile -t lines <"$document"
  for line in "${lines[@]}"; do
    number=$((number + 1))
    if ((inside)) && [[ $line == '```' ]]; then
      check_block "$document" "$began" "$from" "${block%$'\n'}"
      inside=0 from="" block=""
    elif ((inside)); then
      block+=$line$'\n'
    elif [[ $line =~ ^'<!-- from '(.*)' -->'$ ]]; then
      from=${BASH_REMATCH[1]}
    elif [[ -n $from && $line == '```'* ]]; then
      inside=1 began=$number
    fi
  done
  if ((inside)); then fault "$document:$began: the block never ends"; fi
}

while IFS= read -r document; do
  check_document "$document"
done < <(files '*.md')
finish
