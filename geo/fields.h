/*
 * fields.h - what one record of a MaxMind DB says of a place.
 *
 *     struct place p = { 0 };
 *     fields_read(data, size, offset, &p);	// the City database
 *     fields_read(data2, size2, offset2, &p);	// then the ASN database
 *
 * One pass over the record, whichever family the database is of: which field
 * means what is one table, see fields.c.  Takes any bytes: nothing is read
 * outside of data, and a record is given up after FIELDS_ITEMS_MAX items.
 */
#ifndef ST_FIELDS_H
#define ST_FIELDS_H

#include "geo/place.h"

#define FIELDS_ITEMS_MAX 4096 /* keys and values of one record */
#define FIELDS_TEXT_MAX 512   /* a longer name counts as unknown */

/*
 * Fill in what *p does not know yet from the record at `offset` in a data
 * section; slices point into it.  False, and *p as it was, where the record
 * is broken.
 */
bool fields_read(
    const unsigned char *data, size_t size, size_t offset, struct place *p);

#endif
