/* Five kernels, one a program: -DKERNEL=0 to 4. How many rounds they do is read from the standard input, so that nothing
 * is known before it runs; a word that all of it went into is written. Numbers are those of IEEE 754 and of two's
 * complement: natively and as Wasm it is the same word. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SIDE 192
#define MANY (1 << 16)

static double left[SIDE][SIDE], right[SIDE][SIDE], product[SIDE][SIDE];
static float xs[MANY], ys[MANY];
static uint32_t words[MANY];

static uint64_t next(uint64_t *state) {
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Shifts, products and remainders. */
static uint64_t integers(uint64_t rounds, uint64_t *state) {
	uint64_t sum = 0;
	for (uint64_t round = 0; round < rounds * 1000000; round++) {
		uint64_t word = next(state);
		sum = (sum ^ word) * 0x9e3779b97f4a7c15u + word % 1000003;
	}
	return sum;
}

/* A product of matrices of doubles. */
static uint64_t matrix(uint64_t rounds, uint64_t *state) {
	for (int row = 0; row < SIDE; row++)
		for (int column = 0; column < SIDE; column++) {
			left[row][column] = (double)(next(state) % 1000) / 1000;
			right[row][column] = (double)(next(state) % 1000) / 1000;
		}
	double sum = 0;
	for (uint64_t round = 0; round < rounds; round++) {
		for (int row = 0; row < SIDE; row++)
			for (int column = 0; column < SIDE; column++) {
				double cell = 0;
				for (int k = 0; k < SIDE; k++)
					cell += left[row][k] * right[k][column];
				product[row][column] = cell;
			}
		left[round % SIDE][0] = product[0][round % SIDE] / SIDE;
		sum += product[SIDE - 1][SIDE - 1];
	}
	return (uint64_t)sum;
}

/* y := a x + y, on floats. */
static uint64_t saxpy(uint64_t rounds, uint64_t *state) {
	for (int k = 0; k < MANY; k++) {
		xs[k] = (float)(next(state) % 1000) / 1000;
		ys[k] = 0;
	}
	for (uint64_t round = 0; round < rounds * 20; round++)
		for (int k = 0; k < MANY; k++)
			ys[k] = 0.5f * xs[k] + 0.5f * ys[k];
	double sum = 0;
	for (int k = 0; k < MANY; k++)
		sum += ys[k];
	return (uint64_t)(sum * 1000);
}

/* One double that depends on the one before. */
static uint64_t floats(uint64_t rounds, uint64_t *state) {
	double x = 0.1 + (double)(next(state) % 1000) / 10000, sum = 0;
	for (uint64_t round = 0; round < rounds * 1000000; round++) {
		x = 3.99 * x * (1 - x);
		sum += x;
	}
	return (uint64_t)(sum * 1000);
}

static void sift(uint32_t *heap, uint32_t from, uint32_t end) {
	uint32_t word = heap[from];
	for (uint32_t child; (child = 2 * from + 1) < end; from = child) {
		if (child + 1 < end && heap[child + 1] > heap[child])
			child++;
		if (heap[child] <= word)
			break;
		heap[from] = heap[child];
	}
	heap[from] = word;
}

/* A heap sort of integers. */
static uint64_t sort(uint64_t rounds, uint64_t *state) {
	uint64_t sum = 0;
	for (uint64_t round = 0; round < rounds; round++) {
		for (int k = 0; k < MANY; k++)
			words[k] = (uint32_t)next(state);
		for (uint32_t k = MANY / 2; k-- > 0;)
			sift(words, k, MANY);
		for (uint32_t end = MANY - 1; end > 0; end--) {
			uint32_t word = words[0];
			words[0] = words[end];
			words[end] = word;
			sift(words, 0, end);
		}
		sum += words[round % MANY];
	}
	return sum;
}

int main(void) {
	static uint64_t (*const kernels[])(uint64_t, uint64_t *) = {integers, matrix, saxpy, floats, sort};
	char text[24] = {0};
	uint64_t state = 0x853c49e6748fea9bu;
	if (fread(text, 1, sizeof text - 1, stdin) == 0)
		return 1;
	uint64_t word = kernels[KERNEL](strtoull(text, NULL, 10), &state);
	printf("%016llx\n", (unsigned long long)word);
	return 0;
}
