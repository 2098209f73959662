#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Install what vmref's targets need and the machine lacks: Debian packages only.
#   ci/deps.sh           everything
#   ci/deps.sh --check   say what is missing; exit 1 when something is
set -euo pipefail
# what it is for: packages
packages='
  build:   gcc make libc6-dev python3 pkg-config binutils patch git
  report:  python3-jinja2 python3-markdown python3-yaml chromium chromium-driver python3-selenium
  library: abigail-tools mandoc bsdextrautils
  json:    libjansson-dev
  tests:   libcmocka-dev
  proofs:  frama-c-base why3 z3 cvc4 cvc5
  bench:   valgrind
  release: faketime
  fuzzing: clang llvm lld libclang-rt-14-dev afl++ g++ zip libgmp-dev
  guest:   qemu-system-x86 bochs bochs-term vgabios
  iso:     grub-common grub-pc-bin xorriso mtools
  oracle:  libunicorn-dev nodejs npm busybox-static cpio makedumpfile
  linux:   strace procps
'
case "${1:-}" in
-h|--help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0;;
''|--check) ;;
*) echo "ci/deps.sh: unknown argument $1 (try --help)" >&2; exit 2;;
esac
missing=()
for p in $(sed 's/.*://' <<<"$packages"); do
  [ "$p" = npm ] && command -v npm >/dev/null && continue # some packages of nodejs have it
  dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null | grep -qx installed || missing+=("$p")
done
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "${1:-}" = --check ]; then
  echo "missing: ${missing[*]}"
  echo "mend: apt-get install ${missing[*]}   (or run ci/deps.sh as root)"
  exit 1
fi
echo "installing: ${missing[*]}" >&2
sudo=
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "ci/deps.sh: not root and no sudo; run: apt-get install ${missing[*]}" >&2; exit 1; }
  sudo=sudo
fi
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp); trap 'rm -f "$log"' EXIT
if ! { $sudo apt-get update -q && $sudo apt-get install -q -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
  tail -20 "$log" >&2
  echo "ci/deps.sh: apt-get failed (above); by hand: apt-get install ${missing[*]}" >&2
  exit 1
fi
