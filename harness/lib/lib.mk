# SPDX-License-Identifier: MIT
# The library: the model and the words for its answers. Included by the top Makefile, which sets
# B, CC, CFLAGS, MODEL, PREFIX and VERSION.
LIB       := harness/lib
LIB_FLAGS := -std=c11 -ffreestanding -fPIC -fvisibility=default -Wall -Wextra -Wconversion
LIB_OBJ   := $(MODEL:model/%.c=$(B)/lib/%.o) $(B)/lib/library.o
SOVERSION := 0
LIBDIR    ?= $(PREFIX)/lib
MANDIR    ?= $(PREFIX)/share/man
DOCDIR    ?= $(PREFIX)/share/doc/vmref

$(B)/lib/%.o: model/%.c $(wildcard model/*.h)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LIB_FLAGS) -c $< -o $@
# Compiled against the header that is installed.
$(B)/lib/library.o: $(LIB)/library.c $(B)/include/vmref.h $(B)/gen/rules.inc VERSION
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LIB_FLAGS) -DVMREF_VERSION='"$(VERSION)"' -I$(B)/include -I$(B)/gen -c $< -o $@
$(B)/libvmref.a: $(LIB_OBJ)
	rm -f $@ && ar rcs $@ $^
$(B)/libvmref.so: $(LIB_OBJ) $(LIB)/libvmref.map
	$(CC) -shared -nostdlib -Wl,-soname,libvmref.so.$(SOVERSION) -Wl,--version-script=$(LIB)/libvmref.map -o $@ $(LIB_OBJ)
# The public header in one file: the model's headers in the order of their includes,
# without the parts that only Frama-C reads, and library.h.
$(B)/include/vmref.h: $(wildcard model/*.h) $(LIB)/library.h VERSION ci/one-header
	@mkdir -p $(@D)
	ci/one-header > $@
# PREFIX may differ from the last time.
.PHONY: FORCE lib install test-lib
$(B)/vmref.pc: FORCE
	@printf 'prefix=%s\nlibdir=%s\nincludedir=$${prefix}/include\n\nName: vmref\nDescription: reference model of x86-64 virtual memory\nVersion: %s\nLibs: -L$${libdir} -lvmref\nCflags: -I$${includedir}\n' \
	  '$(PREFIX)' '$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))' '$(VERSION)' > $@
# A page of the manual: vmref.1 is what --help says, so that it says the same.
$(B)/man/vmref.1: $(B)/vmref $(LIB)/man1
	@mkdir -p $(@D)
	$(LIB)/man1 $(B)/vmref > $@
$(B)/man/vmref.3: $(LIB)/vmref.3 VERSION
	@mkdir -p $(@D)
	sed 's/@VERSION@/$(VERSION)/' $< > $@

lib: $(B)/libvmref.a $(B)/libvmref.so $(B)/include/vmref.h ## the library: build/libvmref.a, .so, include/vmref.h

install: lib $(B)/vmref $(B)/vmref.pc $(B)/man/vmref.1 $(B)/man/vmref.3 ## install library, header, vmref.pc, manual and command line (DESTDIR, PREFIX, LIBDIR)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include \
	  $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(DOCDIR)/examples
	install -m 755 $(B)/vmref $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(B)/include/vmref.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(B)/libvmref.a $(DESTDIR)$(LIBDIR)/
	install -m 755 $(B)/libvmref.so $(DESTDIR)$(LIBDIR)/libvmref.so.$(VERSION)
	ln -sf libvmref.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libvmref.so.$(SOVERSION)
	ln -sf libvmref.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libvmref.so
	install -m 644 $(B)/vmref.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m 644 $(B)/man/vmref.1 $(DESTDIR)$(MANDIR)/man1/
	install -m 644 $(B)/man/vmref.3 $(DESTDIR)$(MANDIR)/man3/
	install -m 644 LICENSE docs/API.md docs/FORMAT.md $(DESTDIR)$(DOCDIR)/
	install -m 644 examples/*.c examples/*.vm $(DESTDIR)$(DOCDIR)/examples/
