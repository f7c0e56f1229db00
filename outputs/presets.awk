# presets.awk - the shipped presets as strings of C.
function end() { if (open) print "\t;\n" }
BEGIN { print "/* Made by outputs/presets.awk from outputs/presets. */" }
FNR == 1 {
	end()
	name = FILENAME
	sub(/.*\//, "", name)
	sub(/\.yaml$/, "", name)
	names[++n] = name
	printf "static const char preset_text_%d[] =\n", n
	open = 1
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\\&")
	gsub(/[?][?]/, "?\"\"?")
	printf "\t\"%s\\n\"\n", $0
}
END {
	end()
	print "static const char *const preset_text_names[] = {"
	for (i = 1; i <= n; i++)
		printf "\t\"%s\",\n", names[i]
	print "\tNULL\n};\nstatic const char *const preset_texts[] = {"
	for (i = 1; i <= n; i++)
		printf "\tpreset_text_%d,\n", i
	print "};"
}
