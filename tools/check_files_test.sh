#!/usr/bin/env bash
# Seeds one violation at a time into a small repository and looks whether check_files.sh, check_snippets.sh, check_format.sh
# and check_scripts.sh find it and say why.
# shellcheck source=tools/check_test_frame.sh
source "$(dirname "${BASH_SOURCE[0]}")/check_test_frame.sh"

# A repository in which everything is as it should be. Nothing is committed: what is about to be tracked counts.
plant_clean_tree() {
  rm -rf "${tree:?}"/* "$tree/.git"
  git -C "$tree" init -q
  mkdir -p "$tree/base"
  printf '#pragma once\nint now();\n' >"$tree/base/time.hpp"
  # shellcheck disable=SC2016 # the backticks fence code
  printf '# base/\n\n<!-- from base/time.hpp -->\n```cpp\nint now();\n```\n' >"$tree/base/README.md"
}

# seed FILE: what comes in becomes the file.
seed() {
  mkdir -p "$(dirname "$tree/$1")"
  cat >"$tree/$1"
}

lines() { seq "$1"; }

plant_clean_tree
expect_clean check_files.sh "a tree as it should be passes"
expect_clean check_snippets.sh "a snippet that is in its file passes"

lines 801 | seed base/long.cpp
expect_refusal check_files.sh "a file that is too long is refused" "base/long.cpp: 801 lines, at most 800"
plant_clean_tree
lines 401 | seed base/long.cpp
expect_clean check_files.sh "a file that is rather long is only warned of"
plant_clean_tree
echo | seed base/string_utils.cpp
expect_clean check_files.sh "a name may contain a word that it may not be"
echo | seed base/utils.cpp
expect_refusal check_files.sh "a name that takes in anything is refused" "base/utils.cpp: name a file by what it does"
plant_clean_tree
echo | seed actors/shard.cpp
expect_refusal check_files.sh "a folder without README is refused" "actors/: a folder has a README.md"
plant_clean_tree
lines 41 | seed base/README.md
expect_refusal check_files.sh "a README is short" "base/README.md: 41 lines, at most 40"
plant_clean_tree
for i in $(seq 38); do echo | seed "base/$i.cpp"; done
for i in 1 2; do echo | seed "base/deep/$i.cpp"; done
expect_refusal check_files.sh "a folder inside counts as one entry" "base/: 41 entries, at most 40"
plant_clean_tree
printf 'see %s/somebody/notes\n' /home | seed base/notes.cpp
expect_refusal check_files.sh "a path of one machine is refused" "base/notes.cpp:1:"
plant_clean_tree
echo 'int now();' | seed base/clock.hpp
expect_refusal check_files.sh "a header begins with #pragma once" "base/clock.hpp: does not begin with"

plant_clean_tree
printf '#pragma once\nint today();\n' | seed base/time.hpp
expect_refusal check_snippets.sh "a snippet that has changed is refused" "base/README.md:4: this is no longer what base/time.hpp says"
plant_clean_tree
rm "$tree/base/time.hpp"
expect_refusal check_snippets.sh "a snippet of a file that is gone is refused" "shows code from base/time.hpp, which is not there"
plant_clean_tree
# shellcheck disable=SC2016 # the backticks fence code
printf '<!-- from base/time.hpp -->\n```cpp\nint now();\n' | seed base/README.md
expect_refusal check_snippets.sh "a block that never ends is refused" "base/README.md:2: the block never ends"

plant_clean_tree
expect_clean check_format.sh "formatted code passes"
printf 'int  now( );\n' | seed base/clock.cpp
expect_refusal check_format.sh "code in a form of its own is refused" "base/clock.cpp: not as clang-format has it"
"$tools/check_format.sh" "$tree" --fix
expect_clean check_format.sh "code that was formatted passes"

plant_clean_tree
expect_clean check_scripts.sh "a tree without scripts passes"
# shellcheck disable=SC2016 # what is wrong with it
printf '#!/bin/sh\nrm $1\n' | seed base/remove.sh
expect_refusal check_scripts.sh "a script with a fault is refused" "SC2086"

rm -rf "$tree/.git"
expect_refusal check_files.sh "a tree whose files git does not list is not taken for a clean one" "git lists no files"

finish_test "check_files.sh, check_snippets.sh, check_format.sh and check_scripts.sh find all seeded violations"
