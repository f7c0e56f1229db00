# world.awk - report/data/world.txt as constants of C.
BEGIN {
	print "/* Made by report/world.awk from report/data/world.txt. */"
	print "static const char *const world_land[] = {"
}
$1 == "land" {
	sub(/^land /, "")
	printf "\t\"%s\",\n", $0
}
$1 == "country" {
	name = $0
	sub(/^country [A-Z]+ [0-9]+ [0-9]+ /, "", name)
	row[n++] = sprintf("\t{ \"%s\", %d, %d, \"%s\" },", $2, $3, $4, name)
}
END {
	print "};"
	print "static const struct country world_countries[] = {"
	for (i = 0; i < n; i++)
		print row[i]
	print "};"
}
