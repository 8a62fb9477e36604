#!/usr/bin/env bash
# Shell scripts are as shellcheck wants them.
#
# Usage: tools/check_scripts.sh [ROOT]     prints file, line and what is wrong; exit code 1 when there is anything
# shellcheck source=tools/check_frame.sh
source "$(dirname "${BASH_SOURCE[0]}")/check_frame.sh"

files '*.sh' dev .ci/run | xargs -r -d '\n' shellcheck --external-sources || exit 1
