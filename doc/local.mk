# doc: the manual pages and completions, made of what the programs say of
# themselves.
noinst_PROGRAMS += doc/gen_manuals
doc_gen_manuals_SOURCES = doc/gen_manuals.c doc/gen_manuals.h \
	doc/gen_completion.c doc/gen_examples.c doc/gen_metrics.c doc/gen_output.c doc/gen_tables.c \
	doc/help.c doc/help.h doc/mdoc.c doc/mdoc.h

nodist_noinst_DATA += manuals.stamp
manuals.stamp: doc/gen_manuals$(EXEEXT) stsentry$(EXEEXT) stsentryd$(EXEEXT)
	$(AM_V_GEN)rm -rf manuals && doc/gen_manuals$(EXEEXT) . manuals && \
		touch $@
CLEANFILES += manuals.stamp
clean-local:
	rm -rf manuals

bash_completion_dir = $(datadir)/bash-completion/completions
zsh_completion_dir = $(datadir)/zsh/site-functions
fish_completion_dir = $(datadir)/fish/vendor_completions.d

# Which pages there are, the programs say: no list is kept here.
.PHONY: install-manuals uninstall-manuals
install-manuals: manuals.stamp
	@for s in 1 5 7 8; do \
		$(MKDIR_P) '$(DESTDIR)$(mandir)'/man$$s; \
		$(INSTALL_DATA) manuals/*.$$s '$(DESTDIR)$(mandir)'/man$$s \
			|| exit 1; \
	done
	@$(MKDIR_P) '$(DESTDIR)$(bash_completion_dir)' \
		'$(DESTDIR)$(zsh_completion_dir)' \
		'$(DESTDIR)$(fish_completion_dir)'
	@$(INSTALL_DATA) manuals/stsentry.bash \
		'$(DESTDIR)$(bash_completion_dir)/stsentry'
	@$(INSTALL_DATA) manuals/_stsentry '$(DESTDIR)$(zsh_completion_dir)'
	@$(INSTALL_DATA) manuals/stsentry.fish \
		'$(DESTDIR)$(fish_completion_dir)'
uninstall-manuals: manuals.stamp
	@for f in manuals/*.[1578]; do \
		rm -f '$(DESTDIR)$(mandir)'/man$${f##*.}/$${f#manuals/}; \
	done
	@rm -f '$(DESTDIR)$(bash_completion_dir)/stsentry' \
		'$(DESTDIR)$(zsh_completion_dir)/_stsentry' \
		'$(DESTDIR)$(fish_completion_dir)/stsentry.fish'

PLAIN_TESTS += tests/scenario/manuals tests/scenario/documented
EXTRA_DIST += tests/scenario/documented.py
EXTRA_DIST += doc/README.md doc/baseline.md doc/files.md doc/findings.md \
	doc/first-week.md doc/formats.md doc/ledger.md doc/lineage.md \
	doc/outputs.md doc/sizing.md doc/threat-model.md
