/* The inner loops by instruction set: dispatch.c chooses among them, the tests hold them against each other.
 * Each loops_*.c defines KERNEL(name) as name_<level> and compiles loops.h,
 * arrival_loops.h, solver_loops.h, assignment_loops.h and routing_loops.h; loops_avx512.c has the one that gains by it. */
#ifndef PATROL_LEVELS_H
#define PATROL_LEVELS_H

#include "kernels.h"

#pragma GCC visibility push(hidden)

#define DECLARE_LOOPS(level)                                                                                          \
    void kernels_dense_layer_##level(const float *x, size_t rows, size_t in, const float *packed, size_t out,         \
                                     int relu, float *y);                                                             \
    void kernels_dense_gradient_##level(const float *x, const float *dy, size_t rows, size_t in, size_t out,          \
                                        float *dw, float *db);                                                        \
    void kernels_min_shifted_##level(float *m, const float *t, float factor, float shift, size_t n);                  \
    void kernels_insert_arrival_##level(float *first, float *second, float *third, const float *t, float factor,      \
                                        float shift, size_t n);                                                       \
    void kernels_least_arrivals_##level(float *least, size_t points, const uint8_t *marks, const float *const *t,     \
                                        const float *shifts, size_t units, float factor, float cap);                  \
    void kernels_mark_arrivals_##level(uint8_t *marks, const float *limits, const float *t, float factor,             \
                                       float shift, size_t n);                                                        \
    float kernels_coverage_gain_##level(const float *d, const float *m, const float *t, float factor, float shift,    \
                                        size_t n);                                                                    \
    void kernels_coverage_gains_##level(float *gains, const float *d, const float *m, const float *t, float factor,   \
                                        size_t n);                                                                    \
    void kernels_arrivals_without_##level(float *others, const float *least, size_t points, size_t ranks, const       \
        float *t, float factor, float shift);                                                                         \
    float kernels_dot_##level(const float *a, const float *b, size_t n);                                              \
    float kernels_dot3_##level(const float *a, const float *b, const float *c, size_t n);                             \
    void kernels_exp_decay_##level(const float *t, float inverse_scale, float *out, size_t n);                        \
    double kernels_relu_sum_##level(const double *activation, const double *weight, const double *plus1, const        \
        double *plus2, const double *minus1, const double *minus2, size_t units);                                     \
    void kernels_add_rows_##level(double *sum, const double *plus1, const double *plus2, const double *minus1, const  \
        double *minus2, size_t units);                                                                                \
    void kernels_influence_##level(double *out, const double *a, const double *b, const double *c, double share,      \
        const double *scale, size_t units);                                                                           \
    void kernels_influence_range_##level(double *low, double *high, const double *a, const double *b, const double *c,\
        size_t width, const int32_t *rows, const int32_t *parts, const float *shares, size_t count,                   \
        const double *scale, size_t units);                                                                           \
    int kernels_touches_range_##level(const double *low, const double *high, const double *row, size_t units);        \
    void kernels_add_range_##level(double *sum_low, double *sum_high, const double *low, const double *high,          \
        double count, int must, size_t units);                                                                        \
    void kernels_extend_range_##level(double *low, double *high, const double *row, size_t units);                    \
    double kernels_neuron_losses_##level(double *after, const double *activation, const double *influence, const      \
        double *rest_low, const double *rest_high, const double *low, const double *high, const double *weight,       \
        const double *slope, const double *peak, size_t units);                                                       \
    void kernels_weighted_sum_##level(double *sum, const double *weights, const float *features, size_t count,        \
        size_t units);                                                                                                \
    double kernels_dot64_##level(const double *a, const double *b, size_t units);                                     \
    double kernels_project_on_cuts_##level(double *point, double *free_point, double *multiplier, const double        \
        *cuts, const double *constants, size_t count, const double *low, const double *high, const double *scale,     \
        double level, double tolerance, size_t sweeps, size_t units);                                                 \
    void kernels_two_least_##level(struct kernels_two_least *found, const double *values, double least, const double  \
        *prices, const double *taken, size_t columns);                                                                \
    void kernels_reach_columns_##level(struct kernels_reached *found, double *distances, int64_t *from, const double  \
        *values, double least, const double *prices, const double *taken, double shift, int64_t row, size_t columns); \
    void kernels_find_ties_##level(uint64_t *ties, const double *values, double least, const double *prices, double    \
        slack, size_t columns);                                                                                       \
    void kernels_transpose_##level(double *turned, const double *values, size_t rows, size_t columns);                \
    void kernels_raise_columns_##level(double *highest, int64_t *from, const double *values, double least, int64_t    \
        row, size_t columns);                                                                                         \
    size_t kernels_first_beyond_##level(const double *values, double limit, size_t count);                            \
    void kernels_route_customize_##level(uint32_t *weights, const int32_t *offsets, const int32_t *heads, const       \
        int32_t *position, const int32_t *tails, const int32_t *arcs, size_t count);                                  \
    void kernels_route_climb_##level(uint32_t *times, const int32_t *nodes, size_t count, const int32_t *slots,       \
        const int32_t *offsets, const int32_t *heads, const uint32_t *weights);                                       \
    void kernels_route_descend_##level(uint32_t *times, size_t count, const int32_t *offsets, const int32_t           \
        *heads, const uint32_t *weights);                                                                             \
    uint32_t kernels_route_meet_##level(const uint32_t *a, const uint32_t *b, size_t count);                          \
    void kernels_route_seconds_##level(const uint32_t *times, float *seconds, size_t count);

DECLARE_LOOPS(baseline)
#if defined(__x86_64__)
DECLARE_LOOPS(avx2)
void kernels_dense_layer_avx512(const float *x, size_t rows, size_t in, const float *packed, size_t out, int relu,
                                float *y);
#endif

#undef DECLARE_LOOPS
#pragma GCC visibility pop
#endif
