# SPDX-License-Identifier: MIT
# The command line build/vmref. Included by the top Makefile, which sets B, CC,
# CFLAGS and MODEL; the defaults are for `make -f harness/cli/cli.mk cli`.
B      ?= build
CFLAGS ?= -O2 -g
MODEL  ?= model/entry.c model/access.c model/walk.c

# The rules by number, from the rows of spec/rules.tsv that have one.
# Anything that compiles harness/show.c depends on it and says -I$(B)/gen.
$(B)/gen/rules.inc: spec/rules.tsv harness/cli/cli.mk
	@mkdir -p $(@D)
	awk -F '\t' '$$1 ~ /^[0-9]+$$/ { gsub(/[\\"]/, "\\\\&"); \
	  printf "[%d] = { \"%s\", \"%s\", \"%s\", \"%s\" },\n", $$1, $$2, $$3, $$4, $$5 }' $< > $@.tmp
	mv $@.tmp $@
