# dist: what a system needs to run the daemon as a service.
EXTRA_DIST += dist/stsentryd.service.in
CLEANFILES += dist/stsentryd.service
if SYSTEMD_UNITS
systemdunitdir = $(SYSTEMD_UNITDIR)
nodist_systemdunit_DATA = dist/stsentryd.service
endif
dist/stsentryd.service: dist/stsentryd.service.in Makefile
	@$(MKDIR_P) dist
	$(AM_V_GEN)sed -e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(top_srcdir)/dist/stsentryd.service.in >$@.tmp && mv $@.tmp $@
