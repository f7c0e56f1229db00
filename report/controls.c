/*
 * controls.c - catalogues of controls.
 *
 * Their rows are made by report/controls.awk from report/controls.
 */
#include "report/controls.h"

#include "report/controls_texts.h"

#define N_FRAMEWORKS (sizeof(frameworks) / sizeof(frameworks[0]))

const struct framework *
framework_at(size_t i)
{
	return i < N_FRAMEWORKS ? &frameworks[i] : NULL;
}

const struct framework *
framework_find(struct slice name)
{
	for (size_t i = 0; i < N_FRAMEWORKS; i++)
		if (slice_is(name, frameworks[i].name))
			return &frameworks[i];
	return NULL;
}
