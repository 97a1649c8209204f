# Prints each setting of .env as NAME=VALUE, as docker compose reads it. What compose
# would replace, or read differently from a person, is refused.

{
	if (FNR == 1)
		sub(/^\357\273\277/, "") # a byte order mark, which editors on Windows add
	sub(/\r$/, "")
	gsub(/^[ \t]+|[ \t]+$/, "")
	sub(/^export[ \t]+/, "")
	if ($0 == "" || /^#/)
		next
	name = value = $0
	sub(/[ \t]*=.*/, "", name)
	sub(/^[^=]*=[ \t]*/, "", value)
	quote = substr(value, 1, 1)
	fault = ""
	if (!/=/ || name !~ /^[A-Za-z_][A-Za-z0-9_]*$/)
		fault = "there is no NAME=VALUE"
	else if (value ~ /[\001-\037\177]/)
		fault = name " has a control character"
	else if (quote == "'" || quote == "\"")
		value = unquoted(value, quote)
	else
		value = plain(value)
	if (value == "generate")
		fault = name " still has to be made: set it, or remove " FILENAME " to get one with fresh secrets"
	if (fault == "")
		print name "=" value
	else {
		printf "%s, line %d: %s.\n", FILENAME, FNR, fault | "cat >&2"
		refused = 1
	}
}

END { exit refused }

function plain(text) {
	sub(/ #.*/, "", text)
	sub(/ +$/, "", text)
	if (text ~ /[^ -~]|\$|^#/)
		fault = name " has a $, a # at its beginning, or a character that is not ASCII: put it in single quotes"
	return text
}

# unquoted is a value without its quotes. In double quotes, a backslash goes before what
# would mean something else; in single quotes it means itself.
function unquoted(text, quote,    i, c, value) {
	for (i = 2; i <= length(text) && (c = substr(text, i, 1)) != quote; i++) {
		if (c == "$" && quote == "\"")
			fault = name " has a $ in double quotes: put a \\ before it"
		if (c == "\\") {
			c = substr(text, ++i, 1)
			if (quote == "'" ? c == "'" : c !~ /[\\"$]/)
				fault = name " has a \\ that compose reads differently: in double quotes it may stand only before \\, \" and $, in single quotes not before '"
			if (quote == "'")
				c = "\\" c
		}
		value = value c
	}
	if (i > length(text))
		fault = name " has no quote at its end"
	else if (substr(text, i + 1) !~ /^[ \t]*(#.*)?$/)
		fault = name " goes on after its second quote: put all of it in one pair of quotes"
	return value
}
