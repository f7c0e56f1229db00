# dist: what a system needs to run the daemon as a service, and what watches it.
EXTRA_DIST += dist/stsentryd.service.in dist/sysusers.conf dist/tmpfiles.conf \
	dist/Containerfile dist/stsentry.spec.in dist/debian \
	dist/prometheus/stsentry.rules.test.yaml \
	script/grafana script/package-deb script/check-deb script/sbom
CLEANFILES += dist/stsentryd.service dist/stsentry.spec
if SYSTEMD_UNITS
systemdunitdir = $(SYSTEMD_UNITDIR)
nodist_systemdunit_DATA = dist/stsentryd.service
install-data-hook:
	$(MKDIR_P) '$(DESTDIR)$(prefix)/lib/sysusers.d' '$(DESTDIR)$(prefix)/lib/tmpfiles.d'
	$(INSTALL_DATA) $(srcdir)/dist/sysusers.conf '$(DESTDIR)$(prefix)/lib/sysusers.d/stsentry.conf'
	$(INSTALL_DATA) $(srcdir)/dist/tmpfiles.conf '$(DESTDIR)$(prefix)/lib/tmpfiles.d/stsentry.conf'
uninstall-hook:
	rm -f '$(DESTDIR)$(prefix)/lib/sysusers.d/stsentry.conf' '$(DESTDIR)$(prefix)/lib/tmpfiles.d/stsentry.conf'
endif
dist/stsentryd.service: dist/stsentryd.service.in Makefile
	@$(MKDIR_P) dist
	$(AM_V_GEN)sed -e 's|@sbindir[@]|$(sbindir)|g' \
		-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
		$(top_srcdir)/dist/stsentryd.service.in >$@.tmp && mv $@.tmp $@

# rpmbuild -ta wants the description inside the archive.
dist/stsentry.spec: dist/stsentry.spec.in Makefile
	@$(MKDIR_P) dist
	$(AM_V_GEN)sed -e 's|@VERSION[@]|$(VERSION)|g' \
		$(top_srcdir)/dist/stsentry.spec.in >$@.tmp && mv $@.tmp $@
nodist_noinst_DATA = dist/stsentry.spec

monitoringdir = $(pkgdatadir)/monitoring
dist_monitoring_DATA = dist/prometheus/stsentry.rules.yaml \
	dist/grafana/stsentry.json

SCENARIOS += tests/scenario/packaging
