#!/usr/bin/env bash
# What files must look like whatever is in them: length, names, a README per folder, no path of somebody's machine.
#
# Usage: tools/check_files.sh [ROOT]       prints file: what is wrong; exit code 1 when there is anything but warnings
# shellcheck source=tools/check_frame.sh
source "$(dirname "${BASH_SOURCE[0]}")/check_frame.sh"

check_length() {
  local file lines
  while read -r lines file; do
    if [[ $file == total && ! -f $file ]]; then continue; fi
    if ((lines > 800)); then
      fault "$file: $lines lines, at most 800: what else lives in it?"
    elif ((lines > 400)); then
      printf '%s: warning: %s lines, past 400 ask what else lives in it\n' "$file" "$lines"
    fi
  done < <(files '*.hpp' '*.cpp' '*.sh' '*.cmake' '*CMakeLists.txt' '*.md' dev .ci/run | xargs -r -d '\n' wc -l)
}

check_names() {
  local file
  while IFS= read -r file; do
    fault "$file: name a file by what it does; this name takes in anything"
  done < <(files '*.hpp' '*.cpp' | grep -E '(^|/)(utils?|misc|common|helpers?)(\.|/)' || true)
}

check_readmes() {
  local folder lines
  while IFS= read -r folder; do
    if [[ ! -f $folder/README.md ]]; then
      fault "$folder/: a folder has a README.md of at most 40 lines: purpose, main types, what may depend on it"
      continue
    fi
    lines=$(wc -l <"$folder/README.md")
    if ((lines > 40)); then fault "$folder/README.md: $lines lines, at most 40"; fi
  done < <(files '*/*' | sed -nE 's,^((connectors/)?[a-z]+)/.*,\1,p' | sort -u)
}

# The entries of a folder are its files and its folders.
check_sizes_of_folders() {
  local count folder
  while read -r count folder; do
    if ((count > 40)); then fault "$folder/: $count entries, at most 40"; fi
  done < <(files '*/*' | awk -F / '
    { folder = $1; for (i = 2; i <= NF; i++) { if (!seen[folder, $i]++) count[folder]++; folder = folder "/" $i } }
    END { for (folder in count) print count[folder], folder }')
}

check_machine_paths() {
  local line
  while IFS= read -r line; do
    fault "$line: a path of one machine"
  done < <(files | xargs -r -d '\n' grep -InE '(^|[^[:alnum:]_.}/-])/(home|root|work|Users)/[[:alnum:]._-]+' || true)
}

check_pragma_once() {
  local file
  while IFS= read -r file; do
    fault "$file: does not begin with #pragma once"
  done < <(files '*.hpp' | while IFS= read -r file; do
    if [[ $(head -n 1 "$file") != "#pragma once" ]]; then printf '%s\n' "$file"; fi
  done)
}

check_length
check_names
check_readmes
check_sizes_of_folders
check_machine_paths
check_pragma_once
finish
