/*
 * fuzz.h - what a fuzz target is: one function over bytes from outside.
 *
 * With --enable-fuzzing libFuzzer calls it; otherwise replay.c runs it over
 * the kept corpus.  It must return 0 and never crash, hang or leak.
 */
#ifndef ST_FUZZ_H
#define ST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
