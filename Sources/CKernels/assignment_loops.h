/* The inner loops of the dense assignment, written once and compiled by each loops_*.c for its instruction set. Among
 * equals the lowest column counts, whatever the width of registers. */
#include "levels.h"

#pragma STDC FP_CONTRACT OFF

/* Four at a time: with eight, what is found so far would not stay in the registers of AVX2. */
typedef double quads __attribute__((ext_vector_type(4)));
typedef int64_t places __attribute__((ext_vector_type(4)));

#define QUADS 4

static const places first_columns = {0, 1, 2, 3};

/* Four values from column k on, none below `least`; what lies beyond the last column counts as -infinity. */
INLINED quads values_from(const double *values, size_t k, size_t columns, double least) {
    quads value = (quads)(-__builtin_inf());
    if (columns - k >= QUADS)
        __builtin_memcpy(&value, values + k, sizeof value);
    else
        for (size_t i = 0; k + i < columns; i++) value[i] = values[k + i];
    return MAXIMUM(value, (quads)least);
}

void KERNEL(kernels_two_least)(struct kernels_two_least *found, const double *values, double least,
                               const double *prices, const double *taken, size_t columns) {
    const double infinity = __builtin_inf();
    quads first = infinity, second = infinity, open = infinity;
    places at = -1, next = -1, open_at = -1, column = first_columns;
    for (size_t k = 0; k < columns; k += QUADS, column += QUADS) {
        const quads slack = *(const quads *)(prices + k) - values_from(values, k, columns, least);
        const quads when_open = slack + *(const quads *)(taken + k);
        const places below = slack < first, between = slack < second, opens = when_open < open;
        second = below ? first : between ? slack : second;
        next = below ? at : between ? column : next;
        first = below ? slack : first;
        at = below ? column : at;
        open = opens ? when_open : open;
        open_at = opens ? column : open_at;
    }
    *found = (struct kernels_two_least){infinity, infinity, infinity, -1, -1, -1};
    for (int lane = 0; lane < QUADS; lane++) {
        if (open[lane] < found->open || (open[lane] == found->open && open_at[lane] < found->open_at)) {
            found->open = open[lane], found->open_at = open_at[lane];
        }
        const double slacks[2] = {first[lane], second[lane]};
        const int64_t columns_of[2] = {at[lane], next[lane]};
        for (int i = 0; i < 2; i++) {
            const double slack = slacks[i];
            const int64_t place = columns_of[i];
            if (slack < found->first || (slack == found->first && place < found->at)) {
                found->second = found->first, found->next = found->at;
                found->first = slack, found->at = place;
            } else if (slack < found->second || (slack == found->second && place < found->next)) {
                found->second = slack, found->next = place;
            }
        }
    }
}

void KERNEL(kernels_reach_columns)(struct kernels_reached *found, double *distances, int64_t *from,
                                   const double *values, double least, const double *prices, const double *taken,
                                   double shift, int64_t row, size_t columns) {
    const double infinity = __builtin_inf();
    quads nearest = infinity, open = infinity;
    places at = -1, column = first_columns;
    for (size_t k = 0; k < columns; k += QUADS, column += QUADS) {
        quads distance = *(const quads *)(distances + k);
        const quads reach = (*(const quads *)(prices + k) - values_from(values, k, columns, least)) + shift;
        const places nearer = reach < distance;
        if (__builtin_reduce_or(nearer)) {
            distance = nearer ? reach : distance;
            *(quads *)(distances + k) = distance;
            const places before = *(const places *)(from + k);
            *(places *)(from + k) = nearer ? (places)row : before;
        }
        const quads when_open = distance + *(const quads *)(taken + k);
        open = MINIMUM(when_open, open);
        const places below = distance < nearest;
        nearest = below ? distance : nearest;
        at = below ? column : at;
    }
    *found = (struct kernels_reached){infinity, infinity, -1};
    for (int lane = 0; lane < QUADS; lane++) {
        if (open[lane] < found->open) found->open = open[lane];
        if (nearest[lane] < found->nearest || (nearest[lane] == found->nearest && at[lane] < found->at)) {
            found->nearest = nearest[lane], found->at = at[lane];
        }
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
    for (; k + 8 <= count; k += QUADS) {
        quads value;
        __builtin_memcpy(&value, values + k, sizeof value);
        const places within = (value <= limit) & ((value >= -limit) | (value == -infinity));
        if (!__builtin_reduce_and(within)) break;
    }
    while (k < count && values[k] <= limit && (values[k] >= -limit || values[k] == -infinity)) k++;
    return k;
}
