/* The inner loops of the dense assignment, written once and compiled by each loops_*.c for its instruction set. Among
 * equals the lowest column counts, whatever the width of registers. */
#include "levels.h"

#pragma STDC FP_CONTRACT OFF

/* Four at a time: with eight, what is found so far would not stay in the registers of AVX2. */
typedef double quads __attribute__((ext_vector_type(4)));
typedef int64_t places __attribute__((ext_vector_type(4)));

#define QUADS 4
#define QUAD(p) (*(const quads *)(p))

INLINED quads load_quad(const double *from) {
    quads value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}

/* Outside of the loops, which would each have it otherwise. */
static __attribute__((noinline)) void copy_rest(double *rest, const double *values, size_t count) {
    for (size_t i = 0; i < QUADS; i++) rest[i] = i < count ? values[i] : -__builtin_inf();
}

/* Four values from column k on, none below `least`; what lies beyond the last column counts as -infinity. */
INLINED quads values_from(const double *values, size_t k, size_t columns, double least) {
    if (__builtin_expect(columns - k >= QUADS, 1)) return MAXIMUM(load_quad(values + k), (quads)least);
    double rest[QUADS];
    copy_rest(rest, values + k, columns - k);
    return MAXIMUM(load_quad(rest), (quads)least);
}

INLINED double least_of(quads value) { return __builtin_reduce_min(value); }

/* The first of four that is set, at least one being so. */
INLINED size_t first_set(places flags) {
    size_t i = 0;
    while (!flags[i]) i++;
    return i;
}

/* The lowest column but one whose slack, with what `taken` adds where it is there, is the one given: there must be one. */
static __attribute__((noinline)) int64_t column_of(double wanted, int64_t but, const double *values, double least,
                                                   const double *prices, const double *taken, size_t columns) {
    for (size_t k = 0;; k += QUADS) {
        quads slack = QUAD(prices + k) - values_from(values, k, columns, least);
        if (taken) slack += QUAD(taken + k);
        const places number = (places){0, 1, 2, 3} + (int64_t)k, found = (slack == wanted) & (number != but);
        if (__builtin_reduce_or(found)) return (int64_t)(k + first_set(found));
    }
}

void KERNEL(kernels_two_least)(struct kernels_two_least *found, const double *values, double least,
                               const double *prices, const double *taken, size_t columns) {
    const double infinity = __builtin_inf();
    quads first = infinity, second = infinity, open = infinity;
    for (size_t k = 0; k < columns; k += QUADS) {
        const quads slack = QUAD(prices + k) - values_from(values, k, columns, least);
        const quads when_open = slack + QUAD(taken + k), greater = MAXIMUM(first, slack);
        second = MINIMUM(greater, second);
        first = MINIMUM(slack, first);
        open = MINIMUM(when_open, open);
    }
    *found = (struct kernels_two_least){least_of(first), infinity, -1, -1};
    if (found->first == infinity) return;
    const double least_open = least_of(open);
    /* The second least is the least of the others: in the lane of the least one, its second. */
    int is_passed = 0;
    for (int lane = 0; lane < QUADS; lane++) {
        const int is_least = !is_passed && first[lane] == found->first;
        is_passed |= is_least;
        const double other = is_least ? second[lane] : first[lane];
        if (other < found->second) found->second = other;
    }
    found->at = column_of(found->first, -1, values, least, prices, 0, columns);
    if (prices[found->at] + (found->second - found->first) > prices[found->at]) return;
    found->instead = least_open <= found->first
                         ? column_of(least_open, -1, values, least, prices, taken, columns)
                         : column_of(found->second, found->at, values, least, prices, 0, columns);
}

void KERNEL(kernels_reach_columns)(struct kernels_reached *found, double *distances, int64_t *from,
                                   const double *values, double least, const double *prices, const double *taken,
                                   double shift, int64_t row, size_t columns) {
    quads nearest = __builtin_inf(), open = nearest;
    for (size_t k = 0; k < columns; k += QUADS) {
        quads distance = QUAD(distances + k);
        const quads reach = (QUAD(prices + k) - values_from(values, k, columns, least)) + shift;
        const places nearer = reach < distance;
        if (__builtin_reduce_or(nearer)) {
            distance = nearer ? reach : distance;
            *(quads *)(distances + k) = distance;
            const places before = *(const places *)(from + k);
            *(places *)(from + k) = nearer ? (places)row : before;
        }
        const quads when_open = distance + QUAD(taken + k);
        open = MINIMUM(when_open, open);
        nearest = MINIMUM(distance, nearest);
    }
    *found = (struct kernels_reached){least_of(nearest), least_of(open), -1};
    if (found->nearest == __builtin_inf()) return;
    for (size_t k = 0; found->at < 0; k += QUADS) {
        const places there = QUAD(distances + k) == found->nearest;
        if (__builtin_reduce_or(there)) found->at = (int64_t)(k + first_set(there));
    }
}
/* The numbers of four flags, as bits. */
INLINED uint64_t bits_of(places flags) { return (uint64_t)__builtin_reduce_or(flags & (places){1, 2, 4, 8}); }

void KERNEL(kernels_find_ties)(uint64_t *ties, const double *values, double least, const double *prices, double slack,
                               size_t columns) {
    for (size_t first = 0; first < columns; first += 64) {
        uint64_t word = 0;
        for (size_t k = first; k < first + 64 && k < columns; k += QUADS)
            word |= bits_of((QUAD(prices + k) - values_from(values, k, columns, least)) == slack) << (k - first);
        ties[first / 64] = word;
    }
}

void KERNEL(kernels_raise_columns)(double *highest, int64_t *from, const double *values, double least, int64_t row,
                                   size_t columns) {
    for (size_t k = 0; k < columns; k += QUADS) {
        const quads value = values_from(values, k, columns, least), present = *(const quads *)(highest + k);
        const places above = value > present;
        if (!__builtin_reduce_or(above)) continue;
        const places before = *(const places *)(from + k);
        *(quads *)(highest + k) = above ? value : present;
        *(places *)(from + k) = above ? (places)row : before;
    }
}

size_t KERNEL(kernels_first_beyond)(const double *values, double limit, size_t count) {
    const double infinity = __builtin_inf();
    size_t k = 0;
    for (; k + QUADS <= count; k += QUADS) {
        const quads value = load_quad(values + k);
        const places within = __builtin_elementwise_abs(value) <= limit;
        if (!__builtin_reduce_and(within | (value == -infinity))) break;
    }
    while (k < count && values[k] <= limit && (values[k] >= -limit || values[k] == -infinity)) k++;
    return k;
}

void KERNEL(kernels_transpose)(double *turned, const double *values, size_t rows, size_t columns) {
    for (size_t row = 0; row < rows; row += QUADS) {
        const size_t height = rows - row < QUADS ? rows - row : QUADS;
        const double *from = values + row * columns;
        size_t column = 0;
        for (; height == QUADS && column + QUADS <= columns; column += QUADS) {
            const quads a = load_quad(from + column), b = load_quad(from + columns + column);
            const quads c = load_quad(from + 2 * columns + column), d = load_quad(from + 3 * columns + column);
            const quads low = __builtin_shufflevector(a, b, 0, 4, 2, 6),
                        high = __builtin_shufflevector(a, b, 1, 5, 3, 7);
            const quads under = __builtin_shufflevector(c, d, 0, 4, 2, 6),
                        over = __builtin_shufflevector(c, d, 1, 5, 3, 7);
            const quads out[QUADS] = {
                __builtin_shufflevector(low, under, 0, 1, 4, 5), __builtin_shufflevector(high, over, 0, 1, 4, 5),
                __builtin_shufflevector(low, under, 2, 3, 6, 7), __builtin_shufflevector(high, over, 2, 3, 6, 7)};
            for (size_t i = 0; i < QUADS; i++)
                __builtin_memcpy(turned + (column + i) * rows + row, &out[i], sizeof out[i]);
        }
        for (; column < columns; column++)
            for (size_t i = 0; i < height; i++) turned[column * rows + row + i] = from[i * columns + column];
    }
}
