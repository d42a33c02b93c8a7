/* Counts primes in a range that the unit's number says: a million numbers a unit, by a sieve. Its output is a line for
   each unit, and all of them behind each other are a table. Plain C: it knows nothing of the market. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANGE 1000000u
#define SMALL 65536u

static uint8_t composite[RANGE];
static uint8_t small[SMALL];

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "usage: %s UNIT UNITS\n", argc > 0 ? argv[0] : "primes");
		return 2;
	}
	uint64_t unit = strtoull(argv[1], NULL, 10), from = unit * RANGE, to = from + RANGE;
	memset(composite, 0, sizeof composite);
	memset(small, 0, sizeof small);
	for (uint64_t p = 2; p < SMALL && p * p < to; p++) {
		if (small[p]) continue;
		for (uint64_t n = p * p; n < SMALL; n += p) small[n] = 1;
		uint64_t first = (from + p - 1) / p * p;
		if (first < p * p) first = p * p;
		for (uint64_t n = first; n < to; n += p) composite[n - from] = 1;
	}
	unsigned count = 0;
	for (uint64_t n = from < 2 ? 2 : from; n < to; n++) count += !composite[n - from];
	printf("%10llu %8u\n", (unsigned long long)from, count);
	return 0;
}
