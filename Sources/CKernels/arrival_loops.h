/* The inner loops over arrival times at demand points, written once and compiled by each loops_*.c for its instruction set. */
#include "lanes.h"
#include "levels.h"

INLINED lanes lower(lanes present, lanes candidate) { return candidate < present ? candidate : present; }

void KERNEL(kernels_min_shifted)(float *m, const float *t, float factor, float shift, size_t n) {
    for (; n >= LANES; n -= LANES, m += LANES, t += LANES) store(m, lower(load(m), load(t) * factor + shift));
    if (n > 0) store_part(m, lower(load_part(m, n), load_part(t, n) * factor + shift), n);
}

INLINED lanes higher(lanes present, lanes candidate) { return candidate < present ? present : candidate; }

/* The one that gives way moves on to the next rank. */
INLINED void insert(float *first, float *second, float *third, const float *t, float factor, float shift,
                    size_t width) {
    lanes m1 = width == LANES ? load(first) : load_part(first, width);
    lanes m2 = width == LANES ? load(second) : load_part(second, width);
    lanes m3 = width == LANES ? load(third) : load_part(third, width);
    const lanes arrival = (width == LANES ? load(t) : load_part(t, width)) * factor + shift;
    const lanes next = higher(m1, arrival), last = higher(m2, next);
    m1 = lower(m1, arrival), m2 = lower(m2, next), m3 = lower(m3, last);
    if (width == LANES)
        store(first, m1), store(second, m2), store(third, m3);
    else
        store_part(first, m1, width), store_part(second, m2, width), store_part(third, m3, width);
}

void KERNEL(kernels_insert_arrival)(float *first, float *second, float *third, const float *t, float factor,
                                    float shift, size_t n) {
    for (; n >= LANES; n -= LANES, first += LANES, second += LANES, third += LANES, t += LANES) {
        insert(first, second, third, t, factor, shift, LANES);
    }
    if (n > 0) insert(first, second, third, t, factor, shift, n);
}

/* Each unit is one line of memory, all of which is used before the next. The last block ends where the row ends and repeats
 * times that stand already. */
void KERNEL(kernels_least_arrivals)(float *least, size_t points, const uint8_t *marks, const float *const *t,
                                    const float *shifts, size_t units, float factor, float cap) {
    for (size_t block = 0; LANES * block < points; block++) {
        if (!marks[block]) continue;
        const size_t at = LANES * (block + 1) <= points ? LANES * block : points - LANES;
        lanes found[4] = {cap, cap, cap, cap};
        for (size_t k = 0; k < units; k++) {
            lanes arrival = load(t[k] + at) * factor + shifts[k];
            for (size_t rank = 0; rank < 4; rank++) {
                const lanes present = found[rank];
                found[rank] = lower(present, arrival);
                arrival = higher(present, arrival);
            }
        }
        for (size_t rank = 0; rank < 4; rank++) store(least + rank * points + at, found[rank]);
    }
}

void KERNEL(kernels_mark_arrivals)(uint8_t *marks, const float *limits, const float *t, float factor, float shift,
                                   size_t n) {
    for (; n >= LANES; n -= LANES, limits += LANES, t += LANES)
        *marks++ |= __builtin_reduce_or(load(t) * factor + shift <= load(limits)) != 0;
    if (n > 0) *marks |= __builtin_reduce_or(load_part(t, n) * factor + shift <= load_part(limits, n)) != 0;
}

INLINED void arrivals_without(float *others, const float *least, size_t points, size_t ranks, lanes arrival,
                              size_t width) {
    for (size_t rank = 0; rank < ranks; rank++, others += points, least += points) {
        const lanes first = width == LANES ? load(least) : load_part(least, width);
        const lanes next = width == LANES ? load(least + points) : load_part(least + points, width);
        const lanes other = arrival <= first ? next : first;
        if (width == LANES)
            store(others, other);
        else
            store_part(others, other, width);
    }
}

void KERNEL(kernels_arrivals_without)(float *others, const float *least, size_t points, size_t ranks, const float *t,
                                      float factor, float shift) {
    size_t v = 0;
    for (; v + LANES <= points; v += LANES)
        arrivals_without(others + v, least + v, points, ranks, load(t + v) * factor + shift, LANES);
    if (v < points)
        arrivals_without(others + v, least + v, points, ranks, load_part(t + v, points - v) * factor + shift,
                         points - v);
}

INLINED lanes add_gain(lanes d, lanes m, lanes t, float factor, float shift, lanes sum) {
    const lanes gain = m - (t * factor + shift);
    return fused(d, gain > 0.0f ? gain : (lanes)0.0f, sum);
}

float KERNEL(kernels_coverage_gain)(const float *d, const float *m, const float *t, float factor, float shift,
                                    size_t n) {
    lanes sum = 0.0f;
    for (; n >= LANES; n -= LANES, d += LANES, m += LANES, t += LANES) {
        sum = add_gain(load(d), load(m), load(t), factor, shift, sum);
    }
    if (n > 0) sum = add_gain(load_part(d, n), load_part(m, n), load_part(t, n), factor, shift, sum);
    return total(sum);
}

/* Each gain is the same bits as one by itself. */
void KERNEL(kernels_coverage_gains)(float *gains, const float *d, const float *m, const float *t, float factor,
                                    size_t n) {
    lanes sums[3] = {0};
    size_t v = 0;
    for (; v + LANES <= n; v += LANES) {
        const lanes demand = load(d + v), seconds = load(t + v);
        for (size_t k = 0; k < 3; k++) sums[k] = add_gain(demand, load(m + k * n + v), seconds, factor, 0, sums[k]);
    }
    if (v < n) {
        const lanes demand = load_part(d + v, n - v), seconds = load_part(t + v, n - v);
        for (size_t k = 0; k < 3; k++)
            sums[k] = add_gain(demand, load_part(m + k * n + v, n - v), seconds, factor, 0, sums[k]);
    }
    for (size_t k = 0; k < 3; k++) gains[k] = total(sums[k]);
}
