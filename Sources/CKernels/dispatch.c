#include "levels.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* The register state that the system saves for each thread (XCR0). */
static uint32_t saved_state(void) {
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

/* Tests exactly the features that each loops_*.c is compiled for, and for AVX-512 that the processor is no older than Ice Lake
 * or Zen 4: those before lower their clock for it. Out of line: every function below asks. */
static __attribute__((noinline)) int detect(void) {
    const uint32_t avx_state = 0x06, avx512_state = 0xE6;
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return KERNELS_BASELINE;
    if (!(c & bit_OSXSAVE) || !(c & bit_AVX) || !(c & bit_FMA)) return KERNELS_BASELINE;
    const uint32_t saved = saved_state();
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return KERNELS_BASELINE;
    if ((saved & avx_state) != avx_state || !(b & bit_AVX2)) return KERNELS_BASELINE;
    const int is_wide = (saved & avx512_state) == avx512_state && (b & bit_AVX512F) && (c & bit_AVX512VBMI2);
    return is_wide ? KERNELS_AVX512 : KERNELS_AVX2;
}

/* Every thread that looks at once stores the same number, so the order in which they do does not matter. */
int kernels_instruction_set(void) {
    static int known = -1;
    int level = __atomic_load_n(&known, __ATOMIC_RELAXED);
    if (level < 0) {
        level = detect();
        __atomic_store_n(&known, level, __ATOMIC_RELAXED);
    }
    return level;
}

#define RUN(level, name, ...) ((level) >= KERNELS_AVX2 ? name##_avx2(__VA_ARGS__) : name##_baseline(__VA_ARGS__))
#else
int kernels_instruction_set(void) { return KERNELS_BASELINE; }

#define RUN(level, name, ...) ((void)(level), name##_baseline(__VA_ARGS__))
#endif

void kernels_dense_layer(const float *x, size_t rows, size_t in, const float *packed, size_t out, int relu, float *y) {
    const int level = kernels_instruction_set();
#if defined(__x86_64__)
    if (level == KERNELS_AVX512) {
        kernels_dense_layer_avx512(x, rows, in, packed, out, relu, y);
        return;
    }
#endif
    RUN(level, kernels_dense_layer, x, rows, in, packed, out, relu, y);
}

void kernels_dense_gradient(const float *x, const float *dy, size_t rows, size_t in, size_t out, float *dw, float *db) {
    RUN(kernels_instruction_set(), kernels_dense_gradient, x, dy, rows, in, out, dw, db);
}

void kernels_min_shifted(float *m, const float *t, float factor, float shift, size_t n) {
    RUN(kernels_instruction_set(), kernels_min_shifted, m, t, factor, shift, n);
}

void kernels_insert_arrival(float *first, float *second, float *third, const float *t, float factor, float shift,
                            size_t n) {
    RUN(kernels_instruction_set(), kernels_insert_arrival, first, second, third, t, factor, shift, n);
}

void kernels_least_arrivals(float *least, size_t points, const uint8_t *marks, const float *const *t,
                            const float *shifts, size_t units, float factor, float cap) {
    RUN(kernels_instruction_set(), kernels_least_arrivals, least, points, marks, t, shifts, units, factor, cap);
}

void kernels_mark_arrivals(uint8_t *marks, const float *limits, const float *t, float factor, float shift, size_t n) {
    RUN(kernels_instruction_set(), kernels_mark_arrivals, marks, limits, t, factor, shift, n);
}

float kernels_coverage_gain(const float *d, const float *m, const float *t, float factor, float shift, size_t n) {
    return RUN(kernels_instruction_set(), kernels_coverage_gain, d, m, t, factor, shift, n);
}

void kernels_coverage_gains(float *gains, const float *d, const float *m, const float *t, float factor, size_t n) {
    RUN(kernels_instruction_set(), kernels_coverage_gains, gains, d, m, t, factor, n);
}

void kernels_arrivals_without(float *others, const float *least, size_t points, size_t ranks, const float *t,
                              float factor, float shift) {
    RUN(kernels_instruction_set(), kernels_arrivals_without, others, least, points, ranks, t, factor, shift);
}

float kernels_dot(const float *a, const float *b, size_t n) {
    return RUN(kernels_instruction_set(), kernels_dot, a, b, n);
}

float kernels_dot3(const float *a, const float *b, const float *c, size_t n) {
    return RUN(kernels_instruction_set(), kernels_dot3, a, b, c, n);
}

void kernels_exp_decay(const float *t, float inverse_scale, float *out, size_t n) {
    RUN(kernels_instruction_set(), kernels_exp_decay, t, inverse_scale, out, n);
}

double kernels_relu_sum(const double *activation, const double *weight, const double *plus1, const double *plus2,
                        const double *minus1, const double *minus2, size_t units) {
    return RUN(kernels_instruction_set(), kernels_relu_sum, activation, weight, plus1, plus2, minus1, minus2, units);
}

void kernels_add_rows(double *sum, const double *plus1, const double *plus2, const double *minus1, const double *minus2,
                      size_t units) {
    RUN(kernels_instruction_set(), kernels_add_rows, sum, plus1, plus2, minus1, minus2, units);
}

void kernels_influence(double *out, const double *a, const double *b, const double *c, double share,
                       const double *scale, size_t units) {
    RUN(kernels_instruction_set(), kernels_influence, out, a, b, c, share, scale, units);
}

void kernels_influence_range(double *low, double *high, const double *a, const double *b, const double *c, size_t width,
                             const int32_t *rows, const int32_t *parts, const float *shares, size_t count,
                             const double *scale, size_t units) {
    RUN(kernels_instruction_set(), kernels_influence_range, low, high, a, b, c, width, rows, parts, shares, count,
        scale, units);
}

void kernels_add_range(double *sum_low, double *sum_high, const double *low, const double *high, double count, int must,
                       size_t units) {
    RUN(kernels_instruction_set(), kernels_add_range, sum_low, sum_high, low, high, count, must, units);
}

void kernels_extend_range(double *low, double *high, const double *row, size_t units) {
    RUN(kernels_instruction_set(), kernels_extend_range, low, high, row, units);
}

int kernels_touches_range(const double *low, const double *high, const double *row, size_t units) {
    return RUN(kernels_instruction_set(), kernels_touches_range, low, high, row, units);
}

double kernels_neuron_losses(double *after, const double *activation, const double *influence, const double *rest_low,
                             const double *rest_high, const double *low, const double *high, const double *weight,
                             const double *slope, const double *peak, size_t units) {
    return RUN(kernels_instruction_set(), kernels_neuron_losses, after, activation, influence, rest_low, rest_high, low,
               high, weight, slope, peak, units);
}

void kernels_weighted_sum(double *sum, const double *weights, const float *features, size_t count, size_t units) {
    RUN(kernels_instruction_set(), kernels_weighted_sum, sum, weights, features, count, units);
}

double kernels_dot64(const double *a, const double *b, size_t units) {
    return RUN(kernels_instruction_set(), kernels_dot64, a, b, units);
}

double kernels_project_on_cuts(double *point, double *free_point, double *multiplier, const double *cuts,
                               const double *constants, size_t count, const double *low, const double *high,
                               const double *scale, double level, double tolerance, size_t sweeps, size_t units) {
    return RUN(kernels_instruction_set(), kernels_project_on_cuts, point, free_point, multiplier, cuts, constants,
               count, low, high, scale, level, tolerance, sweeps, units);
}

void kernels_two_least(struct kernels_two_least *found, const double *values, double least, const double *prices,
                       const double *taken, size_t columns) {
    RUN(kernels_instruction_set(), kernels_two_least, found, values, least, prices, taken, columns);
}

void kernels_reach_columns(struct kernels_reached *found, double *distances, int64_t *from, const double *values,
                           double least, const double *prices, const double *taken, double shift, int64_t row,
                           size_t columns) {
    RUN(kernels_instruction_set(), kernels_reach_columns, found, distances, from, values, least, prices, taken, shift,
        row, columns);
}

void kernels_find_ties(uint64_t *ties, const double *values, double least, const double *prices, double slack,
                       size_t columns) {
    RUN(kernels_instruction_set(), kernels_find_ties, ties, values, least, prices, slack, columns);
}

void kernels_transpose(double *turned, const double *values, size_t rows, size_t columns) {
    RUN(kernels_instruction_set(), kernels_transpose, turned, values, rows, columns);
}

void kernels_raise_columns(double *highest, int64_t *from, const double *values, double least, int64_t row,
                           size_t columns) {
    RUN(kernels_instruction_set(), kernels_raise_columns, highest, from, values, least, row, columns);
}

size_t kernels_first_beyond(const double *values, double limit, size_t count) {
    return RUN(kernels_instruction_set(), kernels_first_beyond, values, limit, count);
}

void kernels_route_customize(uint32_t *weights, const int32_t *offsets, const int32_t *heads, const int32_t *position,
                             const int32_t *tails, const int32_t *arcs, size_t count) {
    RUN(kernels_instruction_set(), kernels_route_customize, weights, offsets, heads, position, tails, arcs, count);
}

void kernels_route_climb(uint32_t *times, const int32_t *nodes, size_t count, const int32_t *slots,
                         const int32_t *offsets, const int32_t *heads, const uint32_t *weights) {
    RUN(kernels_instruction_set(), kernels_route_climb, times, nodes, count, slots, offsets, heads, weights);
}

void kernels_route_descend(uint32_t *times, size_t count, const int32_t *offsets, const int32_t *heads,
                           const uint32_t *weights) {
    RUN(kernels_instruction_set(), kernels_route_descend, times, count, offsets, heads, weights);
}

uint32_t kernels_route_meet(const uint32_t *a, const uint32_t *b, size_t count) {
    return RUN(kernels_instruction_set(), kernels_route_meet, a, b, count);
}

void kernels_route_seconds(const uint32_t *times, float *seconds, size_t count) {
    RUN(kernels_instruction_set(), kernels_route_seconds, times, seconds, count);
}
