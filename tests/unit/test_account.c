/*
 * test_account.c - names of accounts that can be one, and those that cannot.
 */
#include "conf/account.h"
#include "tests/unit/unit.h"

static const struct {
	const char *text, *told; /* "": it can be one */
} names[] = {
	{ "111122223333", "" },
	{ "012345678901", "" },
	{ "1111*", "" },
	{ "*", "" },
	{ "", "" },
	{ "projects/acme-prod", "" },
	{ "organizations/12345", "" },
	{ "acme", "" },
	{ "${ACCOUNT}", "" },
	{ "1111-2222-3333",
	    "accounts: \"1111-2222-3333\" is no account; one of AWS is 12 "
	    "digits" },
	{ "1111 2222 3333",
	    "accounts: \"1111 2222 3333\" is no account; one of AWS is 12 "
	    "digits" },
	{ "12345",
	    "accounts: \"12345\" is no account; one of AWS is 12 digits" },
	{ "1111222233334",
	    "accounts: \"1111222233334\" is no account; one of AWS is 12 "
	    "digits" },
	{ "acme-prod",
	    "accounts: \"acme-prod\" is no account; a project of Google Cloud "
	    "is \"projects/acme-prod\"" },
};

static void
what_can_be_no_account_is_told(void)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ynode n = { .kind = YNODE_SCALAR,
			.text = slice_str(names[i].text),
			.file = "f",
			.line = 1,
			.col = 1 };
		struct err e = { .text = "" };
		int err = account_check(&n, "accounts", &e);

		CHECK_INT(err < 0, names[i].told[0] != '\0');
		CHECK_TEXT(slice_str(e.text), names[i].told);
	}
}

UNIT_MAIN("account",
    { "what can be no account is told", what_can_be_no_account_is_told })
