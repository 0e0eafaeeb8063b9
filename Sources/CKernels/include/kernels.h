/* The little C the engine stands on: memory that may be refused, the clock, atomic loads, and the inner
 * loops that need run-time CPU dispatch. Internal to the package; nothing of it is exported. */
#ifndef PATROL_KERNELS_H
#define PATROL_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

/* memory.c */

/* At least `bytes` bytes (64 where 0 is asked), aligned to 64, or NULL where the system refuses. */
void *kernels_allocate(size_t bytes);
void kernels_deallocate(void *memory);

/* clock.c */

/* Nanoseconds on the monotonic clock. */
int64_t kernels_monotonic_nanoseconds(void);
/* Relaxed atomic load of a flag that another thread may set. */
int32_t kernels_load_flag(const int32_t *flag);

/* solver.c: vectors are aligned to 64 bytes and padded with zeros to a multiple of 8 doubles */

/* values[p] = base[p] + sum over k, in order, of prices[k] * influence[k * stride + p]. */
void kernels_priced_values(double *values, const double *base, const double *influence, size_t stride,
                           const double *prices, size_t units, size_t pairs);
/* sum over k of weight[k] * max(0, activation + plus1 + plus2 - minus1 - minus2). */
double kernels_relu_sum(const double *activation, const double *weight, const double *plus1, const double *plus2,
                        const double *minus1, const double *minus2, size_t units);
/* sum += plus1 + plus2 - minus1 - minus2. */
void kernels_add_rows(double *sum, const double *plus1, const double *plus2, const double *minus1,
                      const double *minus2, size_t units);
/* low = min(low, row), high = max(high, row). */
void kernels_extend_range(double *low, double *high, const double *row, size_t units);
double kernels_dot(const double *a, const double *b, size_t units);
/* Hildreth's method: moves from the centre (free_point, before its clipping to the box) towards the nearest point
 * of the box with cuts[j] . point + constants[j] <= level for all j, distances weighted by 1 / scale. `multiplier`
 * starts at 0. Ends when no cut is exceeded by more than `tolerance`, or after `sweeps`; gives the worst excess. */
double kernels_project_on_cuts(double *point, double *free_point, double *multiplier, const double *cuts,
                               const double *constants, size_t count, const double *low, const double *high,
                               const double *scale, double level, double tolerance, size_t sweeps, size_t units);

#pragma GCC visibility pop
#endif
