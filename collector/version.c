/*
 * version.c - which libraries this program runs with.
 *
 * Each room that knows a library tells its version; some with the name, for it
 * depends on the build, some without.  Holds no state.
 */
#include "collector/version.h"

#include "conf/yaml.h"
#include "geo/geo.h"
#include "lib/inflate.h"
#include "lib/json.h"
#include "lib/loop.h"
#include "lib/tls.h"
#include "outputs/webhook/curl.h"
#include "store/store.h"

void
version_libraries(FILE *to)
{
	fprintf(to,
	    "%s, %s, %s, %s, libmaxminddb %s, libyaml %s, %s, libcurl %s\n",
	    loop_library_version(), tls_library_version(), json_backend(),
	    inflate_library_versions(), geo_library_version(),
	    yaml_library_version(), store_library_version(),
	    http_library_version());
}
