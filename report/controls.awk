# controls.awk - report/controls/NAME-VERSION.txt as constants of C.
#
# title TEXT, version TEXT, scope TEXT; then a control a line:
#     ID | EVIDENCE... | WHAT IT ASKS          ("-": not covered)
function trim(s) { gsub(/^[ \t]+|[ \t]+$/, "", s); return s }
function text(s) { gsub(/\\/, "&&", s); gsub(/"/, "\\\\&", s); return "\"" s "\"" }
BEGIN {
	FS = "|"
	print "/* Made by report/controls.awk from report/controls. */"
}
FNR == 1 {
	if (n++)
		print "};"
	name[n] = FILENAME
	sub(/.*\//, "", name[n])
	sub(/\.txt$/, "", name[n])
	at = match(name[n], /-[^-]*$/)
	name[n] = substr(name[n], 1, at - 1) "@" substr(name[n], at + 1)
	printf "static const struct control controls_%d[] = {\n", n
}
/^#/ || /^$/ { next }
/^(title|version|scope) / {
	key = $0
	sub(/ .*/, "", key)
	value = $0
	sub(/^[a-z]+ /, "", value)
	about[n, key] = value
	next
}
NF == 3 {
	printf "\t{ %s, %s, { ", text(trim($1)), text(trim($3))
	words = split(trim($2), word, " ")
	for (i = 1; i <= words; i++)
		if (word[i] != "-")
			printf "EVIDENCE_%s, ", toupper(word[i])
	print "EVIDENCE_NONE } },"
	count[n]++
	next
}
{
	print FILENAME ":" FNR ": no control: " $0 > "/dev/stderr"
	exit failed = 1
}
END {
	if (failed)
		exit 1
	print "};"
	print "static const struct framework frameworks[] = {"
	for (i = 1; i <= n; i++)
		printf "\t{ %s, %s, %s, %s, controls_%d, %d },\n", text(name[i]),
			text(about[i, "title"]), text(about[i, "version"]),
			text(about[i, "scope"]), i, count[i]
	print "};"
}
