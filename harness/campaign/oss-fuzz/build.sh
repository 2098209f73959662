#!/bin/bash -eu
# SPDX-License-Identifier: MIT
exec bash -eu "$SRC/vmref/.clusterfuzzlite/build.sh"
