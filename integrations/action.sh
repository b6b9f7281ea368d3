#!/usr/bin/env bash
# What action.yml runs: build with a kit, then verify. Its inputs are environment variables: GLIBC, RUN, VERIFY, POLICY,
# FAIL and SARIF_FILE. Outputs go to the file $GITHUB_OUTPUT. Files with blanks in their names can be given one a line.
set -euo pipefail

output() { printf '%s=%s\n' "$1" "$2" >>"${GITHUB_OUTPUT:-/dev/null}"; }

# The compiler and its headers in a few letters: a part of the key of the cache.
key() { output compiler "$({ cc --version && ldd --version; } 2>&1 | sha256sum | cut -c1-16)"; }

build() {
  KIT=$(symver-pin kit --glibc "$GLIBC")
  export KIT SYMVER_PIN_GLIBC="$GLIBC"
  output kit "$KIT"
  bash -euo pipefail -c "$RUN"
}

# The files of $VERIFY, one in each element of the array `files`: lines if there are several, else words. Globs are
# expanded; one without a match stays as it is, so that verify says which file is missing.
read_files() {
  local line IFS=$' \t'
  if [[ $VERIFY == *$'\n'* ]]; then IFS=''; fi
  files=()
  while read -r line || [[ $line ]]; do
    # shellcheck disable=SC2206  # words and globs on purpose
    if [[ $line ]]; then files+=($line); fi
  done <<<"$VERIFY"
}

verify() {
  local words=(--glibc "$GLIBC") status=0
  if [[ ${POLICY:-} ]]; then words+=(--policy "$POLICY"); fi
  read_files
  # Findings as annotations for the job, and once more as SARIF for code scanning.
  symver-pin verify "${words[@]}" --format github "${files[@]}" || status=$?
  if [[ $status = 2 ]]; then return 2; fi
  symver-pin verify "${words[@]}" --format sarif -o "$SARIF_FILE" "${files[@]}" || true
  output sarif-file "$SARIF_FILE"
  symver-pin verify "${words[@]}" "${files[@]}" || true
  [[ $status = 0 || ${FAIL:-true} = false ]]
}

case ${1:?key, build or verify} in
  key) key ;;
  build) build ;;
  verify) verify ;;
  *) echo "action.sh: $1: none of key, build, verify" >&2; exit 2 ;;
esac
