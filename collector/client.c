/*
 * client.c - the kinds of connections there are.
 *
 * See client.h; the clients themselves are in worker.c.
 */
#include "collector/client.h"

const struct client_kind *
client_kind_of(int type)
{
	static const struct client_kind *const kinds[] = {
		[INPUT_TCP] = &stream_kind,
		[INPUT_TLS] = &stream_kind,
		[INPUT_HTTP] = &http_kind,
		[INPUT_UNIX] = &stream_kind,
		[INPUT_STDIN] = &stream_kind,
	};
	const size_t n = sizeof(kinds) / sizeof(kinds[0]);

	return type >= 0 && (size_t)type < n ? kinds[type] : NULL;
}
