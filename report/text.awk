# text.awk - a text file as one string of C: awk -v name=NAME -f text.awk FILE
BEGIN { printf "static const char %s[] =\n", name }
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\\&")
	printf "\t\"%s\\n\"\n", $0
}
END { print "\t;" }
