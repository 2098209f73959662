#!/bin/bash -eu
# SPDX-License-Identifier: MIT
# Builds every fuzz target, its seed corpus, dictionary and options into $OUT, with the compilers,
# flags and engine that the base image of ClusterFuzzLite or OSS-Fuzz sets. One script for both.
cd "$SRC/vmref"
make -j"$(nproc)" oss-fuzz B="$WORK/vmref" OUT="$OUT"
