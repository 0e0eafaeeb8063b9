/* The inner loops by instruction set: dispatch.c chooses among them, the tests hold them against each other.
 * Each loops_*.c defines KERNEL(name) as name_<level> and compiles loops.h. */
#ifndef PATROL_LEVELS_H
#define PATROL_LEVELS_H

#include "kernels.h"

#pragma GCC visibility push(hidden)

#define DECLARE_LOOPS(level)                                                                                          \
    void kernels_dense_layer_##level(const float *x, size_t rows, size_t in, const float *packed, size_t out,         \
                                     int relu, float *y);                                                             \
    void kernels_min_shifted_##level(float *m, const float *t, float shift, size_t n);                                \
    float kernels_coverage_gain_##level(const float *d, const float *m, const float *t, float shift, size_t n);       \
    float kernels_dot_##level(const float *a, const float *b, size_t n);                                              \
    float kernels_dot3_##level(const float *a, const float *b, const float *c, size_t n);                             \
    void kernels_exp_decay_##level(const float *t, float inverse_scale, float *out, size_t n);

DECLARE_LOOPS(baseline)
#if defined(__x86_64__)
DECLARE_LOOPS(avx2)
DECLARE_LOOPS(avx512)
#endif

#undef DECLARE_LOOPS
#pragma GCC visibility pop
#endif
