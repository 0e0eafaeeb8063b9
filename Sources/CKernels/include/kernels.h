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
/* Writes `count` copies of the `size` bytes at `value` to `memory`, one every `stride` bytes. */
void kernels_repeat(void *memory, const void *value, size_t size, size_t stride, size_t count);

/* meter.c */

/* From now on kernels_allocate only counts the bytes that this thread asks for, and gives kernels_unmade: an address that
 * nothing can be at, which may be given back like memory. Objects are made, and counted in the shipped library alone.
 * Gives what kernels_meter_end then wants, which tells how many bytes there were. */
int kernels_meter_begin(void);
size_t kernels_meter_end(int meter);
/* Whether this thread only counts. */
int kernels_meter_add(size_t bytes);
void *kernels_unmade(void);
/* The calling thread, told apart from those of other processes: in a forked child, its parent's threads are foreign. */
uint64_t kernels_this_thread(void);
int kernels_is_foreign(uint64_t thread);

/* reserve.c */

/* Blocks of the reserve that this thread holds, because the system refused memory for an object: 0 in ordinary Swift, which
 * has no reserve. */
size_t kernels_reserve_held(void);

/* float_state.c */

/* Sets what numbers are computed with: rounding to nearest, subnormals kept, no traps. Gives what the host had set, with its
 * flags, for kernels_float_end. */
uint64_t kernels_float_begin(void);
void kernels_float_end(uint64_t state);

/* clock.c */

/* Nanoseconds on the monotonic clock. */
int64_t kernels_monotonic_nanoseconds(void);
/* Relaxed atomic load of a flag that another thread may set. */
int32_t kernels_load_flag(const int32_t *flag);

/* sha256.c */

/* The SHA-256 hash of some bytes. */
void kernels_sha256(const uint8_t *bytes, size_t count, uint8_t digest[32]);

/* ── Inner loops ──
 *
 * Single precision. Pointers need no alignment; a count may be any number, 0 included. A result depends on the
 * values and the count alone: sums run in sixteen lanes (element i in lane i mod 16) with fused multiply-adds and
 * are added up by halves, so every instruction set gives the same bytes (bar which NaN a NaN is).
 * No function allocates or keeps state; all may be called from any thread. */

/* dispatch.c */

enum {
    KERNELS_BASELINE = 0, /* what every processor of the architecture has */
    KERNELS_AVX2 = 1,     /* x86-64 with AVX2 and FMA */
    KERNELS_AVX512 = 2,   /* and with AVX-512, from Ice Lake and Zen 4 on */
};

/* The instruction set that the inner loops use on this machine. */
int kernels_instruction_set(void);

/* y = x·Wᵀ + b, with `relu` followed by max(·, 0).
 * x: [rows, in]; packed: W [out, in] and b [out] as kernels_dense_pack lays them out; y: [rows, out], apart from x.
 * A row's result does not depend on the other rows. NaN stays NaN. */
void kernels_dense_layer(const float *x, size_t rows, size_t in, const float *packed, size_t out, int relu, float *y);

/* The gradient of a loss in a layer's parameters from that in its outputs: dw = dyᵀ·x, db = Σ dy, each summed over the
 * rows in order. x: [rows, in]; dy: [rows, out]; dw: [out, in] row-major; db: [out]. All apart. */
void kernels_dense_gradient(const float *x, const float *dy, size_t rows, size_t in, size_t out, float *dw, float *db);

/* Here the times t[v] are multiplied by a factor > 0 and rounded, before shift is added. */

/* m[v] = min(m[v], t[v] · factor + shift). NaN in t leaves m as it is; NaN in m stays. */
void kernels_min_shifted(float *m, const float *t, float factor, float shift, size_t n);

/* Takes t[v] · factor + shift in among the three least arrival times so far, first[v] ≤ second[v] ≤ third[v]. NaN in t leaves them
 * as they are. */
void kernels_insert_arrival(float *first, float *second, float *third, const float *t, float factor, float shift,
                            size_t n);
/* The four least arrival times of `units` units, whose travel times are t[0], t[1], ..., at the points, sixteen at least, of the
 * marked blocks of sixteen: none arrives after `cap`. least: [4, points]; marks: [blocks], 0 for those that are left as they are,
 * but where the last one shares points with the one before. */
void kernels_least_arrivals(float *least, size_t points, const uint8_t *marks, const float *const *t,
                            const float *shifts, size_t units, float factor, float cap);
/* The same without one of the units, which arrives at t[v] · factor + shift. least: [ranks + 1, points]; others: [ranks, points]. */
void kernels_arrivals_without(float *others, const float *least, size_t points, size_t ranks, const float *t,
                              float factor, float shift);
/* Marks the blocks of sixteen points at one of which t[v] · factor + shift ≤ limits[v]; perhaps one more at the end. */
void kernels_mark_arrivals(uint8_t *marks, const float *limits, const float *t, float factor, float shift, size_t n);

/* Σ_v d[v] · max(0, m[v] − (t[v] · factor + shift)): the demand-weighted time by which one more unit brings arrivals forward.
 * d, m, factor and shift finite; t may be infinite (no path: no gain). No gain either where m or t is NaN. */
float kernels_coverage_gain(const float *d, const float *m, const float *t, float factor, float shift, size_t n);
/* The same of three rows of arrival times at once, without a shift. m: [3, n]. */
void kernels_coverage_gains(float *gains, const float *d, const float *m, const float *t, float factor, size_t n);

/* Σ a·b */
float kernels_dot(const float *a, const float *b, size_t n);

/* Σ (a·b)·c */
float kernels_dot3(const float *a, const float *b, const float *c, size_t n);

/* out[v] = exp(−t[v] · inverse_scale) for t ≥ 0 and finite inverse_scale > 0, within 3e-7 relative; 0 where t is
 * infinite and wherever the result would be below the smallest normal float. `out` may be `t`. */
void kernels_exp_decay(const float *t, float inverse_scale, float *out, size_t n);

/* dense_layout.c */

/* Floats that a packed layer takes. in, out ≤ 2^20. */
size_t kernels_dense_packed_count(size_t in, size_t out);
/* Lays weights [out, in] (row-major) and bias [out] out for kernels_dense_layer. */
void kernels_dense_pack(const float *weights, const float *bias, size_t in, size_t out, float *packed);

/* Lays out the layer that leads from a loss's gradient in this layer's outputs to that in its inputs: Wᵀ, without bias. */
void kernels_dense_pack_transposed(const float *weights, size_t in, size_t out, float *packed);

/* elementary.c: the same bits on every machine, which the C library's are not. */

/* e^x within 2e-7 relative; 0 where the result would be below the smallest normal float. */
float kernels_exp(float x);
/* e^x within 4e-16 relative; 0 where the result would be below the smallest normal double. */
double kernels_exp64(double x);
/* ln x within 4e-16 relative; ln 0 = −∞, NaN below. */
double kernels_log(double x);

/* threads.c */

enum { KERNELS_MOST_THREADS = 64 };

/* Calls run(context, thread, k) once for each k below `count`, on at most `threads` threads, the caller's among them, and
 * returns when all have returned. Which thread runs which k is left open; each has a number below KERNELS_MOST_THREADS and
 * runs its k in ascending order. Fewer threads serve where the system refuses one. New threads block all signals. */
void kernels_run_shards(size_t count, size_t threads, void (*run)(void *context, size_t thread, size_t k), void *context);

/* files.c: 0 or a code for kernels_file_reason. */

/* Opens a regular file (nothing else) for reading and tells its size. On failure the outputs are untouched. */
int32_t kernels_file_open(const char *path, int32_t *file, int64_t *size);
/* Reads the whole file of exactly `count` bytes: more or fewer is an error. */
int32_t kernels_file_read(int32_t file, void *bytes, size_t count);
void kernels_file_close(int32_t file);
/* Puts head and body in place of the file at `path`, or leaves it as it was: written beside it, then renamed.
 * Should only the very last step fail, the sync of the folder, then the new file is there and may not last. */
int32_t kernels_file_replace(const char *path, const void *head, size_t head_count, const void *body,
                             size_t body_count);
/* Why, in a few English words of static storage, or NULL for a code without any. */
const char *kernels_file_reason(int32_t code);

/* Inner loops of the dispatch solver, double precision. Vectors are aligned to 64 bytes and padded with zeros to a
 * multiple of 8 doubles. */

/* sum over k of weight[k] * max(0, activation + plus1 + plus2 - minus1 - minus2). */
double kernels_relu_sum(const double *activation, const double *weight, const double *plus1, const double *plus2,
                        const double *minus1, const double *minus2, size_t units);
/* sum += plus1 + plus2 - minus1 - minus2. */
void kernels_add_rows(double *sum, const double *plus1, const double *plus2, const double *minus1,
                      const double *minus2, size_t units);
/* out = (a + b + share * c) * scale. */
void kernels_influence(double *out, const double *a, const double *b, const double *c, double share, const double *scale,
                       size_t units);
/* low = min(low, row), high = max(high, row) for `count` rows of that kind, row p of a[rows[p]], b[parts[p]], c[parts[p]] and
 * shares[p]; rows of a, b and c have `width` doubles. */
void kernels_influence_range(double *low, double *high, const double *a, const double *b, const double *c, size_t width,
                             const int32_t *rows, const int32_t *parts, const float *shares, size_t count,
                             const double *scale, size_t units);
/* Adds `count` times the range from low to high, which `must` be added, or else may be: with what zero makes of it. */
void kernels_add_range(double *sum_low, double *sum_high, const double *low, const double *high, double count, int must,
                       size_t units);
/* low = min(low, row), high = max(high, row). */
void kernels_extend_range(double *low, double *high, const double *row, size_t units);
/* Whether row equals low or high anywhere. */
int kernels_touches_range(const double *low, const double *high, const double *row, size_t units);
/* after = activation + influence; gives the sum over k of max(0, peak - the most that weight * max(0, z) - slope * z reaches
 * in the interval of z), which is low..high and after + rest_low..after + rest_high. */
double kernels_neuron_losses(double *after, const double *activation, const double *influence, const double *rest_low,
                           const double *rest_high, const double *low, const double *high, const double *weight,
                           const double *slope, const double *peak, size_t units);
/* sum[k] = sum over f, in order, of features[f] * weights[f * units + k]. */
void kernels_weighted_sum(double *sum, const double *weights, const float *features, size_t count, size_t units);
double kernels_dot64(const double *a, const double *b, size_t units);
/* Hildreth's method: moves from the center (free_point, before its clipping to the box) towards the nearest point
 * of the box with cuts[j] . point + constants[j] <= level for all j, distances weighted by 1 / scale. `multiplier`
 * starts at 0. Ends when no cut is exceeded by more than `tolerance`, or after `sweeps`; gives the worst excess. */
double kernels_project_on_cuts(double *point, double *free_point, double *multiplier, const double *cuts,
                               const double *constants, size_t count, const double *low, const double *high,
                               const double *scale, double level, double tolerance, size_t sweeps, size_t units);

/* Inner loops of the dense assignment. A row has `columns` values, none of which counts as less than `least`; a column's
 * slack is its price less its value. Arrays of columns but for the values are aligned to 64 bytes and padded to a multiple
 * of 8, prices with infinity; taken is 0 for an open column, infinity for one that a row holds. */

struct kernels_two_least {
    double first, second;        /* the two least slacks; infinite where there is none */
    int64_t at;                  /* the lowest column that has the least, or -1 */
    int64_t instead;             /* where its price, raised by the difference, is the same: an open column that has the least
                                    as well, or the other one; else -1 */
};
struct kernels_reached {
    double nearest, open;        /* the least distance, and the least of an open column */
    int64_t at;                  /* the lowest column at the least distance, or -1 */
};
void kernels_two_least(struct kernels_two_least *found, const double *values, double least, const double *prices,
                       const double *taken, size_t columns);
/* Brings distances down to slack + shift, with from = row where that is less. */
void kernels_reach_columns(struct kernels_reached *found, double *distances, int64_t *from, const double *values,
                           double least, const double *prices, const double *taken, double shift, int64_t row,
                           size_t columns);
/* Sets bit k of the ties where the slack of column k is the one given. */
void kernels_find_ties(uint64_t *ties, const double *values, double least, const double *prices, double slack,
                       size_t columns);
/* Raises highest to the values, with from = row where they are higher. */
void kernels_raise_columns(double *highest, int64_t *from, const double *values, double least, int64_t row,
                           size_t columns);
/* The index of the first of `count` values that is neither within the limit, either way, nor -infinity; `count` if none. */
size_t kernels_first_beyond(const double *values, double limit, size_t count);
/* turned [columns, rows] = values [rows, columns]. */
void kernels_transpose(double *turned, const double *values, size_t rows, size_t columns);

/* Inner loops of routing (PatrolModel/Routing). Times are whole milliseconds, at most KERNELS_UNREACHABLE; sums are capped
 * there. The arcs of a hierarchy's node lead to heads of higher numbers, ascending: arcs offsets[node] ..< offsets[node + 1]. A
 * search along them has sixteen sources, one a lane. */

enum { KERNELS_UNREACHABLE = 0x7FFFFFFF };

/* Customizes one node: weights [arcs, 4] are up and down an arc by patrol, then by emergency driving. Entry k of `count`
 * lower neighbors is tails[k], with arc arcs[k] to the node; position [nodes] has the node's arc to each of its heads. */
void kernels_route_customize(uint32_t *weights, const int32_t *offsets, const int32_t *heads, const int32_t *position,
                             const int32_t *tails, const int32_t *arcs, size_t count);
/* Relaxes the arcs of `count` nodes, tails before heads; times [slots, 16]; slots [nodes] of these nodes and their heads;
 * weights as above, from the wanted column on. */
void kernels_route_climb(uint32_t *times, const int32_t *nodes, size_t count, const int32_t *slots, const int32_t *offsets,
                         const int32_t *heads, const uint32_t *weights);
/* Brings times [nodes, 16] down from all heads to their tails, for nodes count - 1 ... 0. */
void kernels_route_descend(uint32_t *times, size_t count, const int32_t *offsets, const int32_t *heads,
                           const uint32_t *weights);
/* The least a[k] + b[k], k < count; reads up to sixteen elements beyond. */
uint32_t kernels_route_meet(const uint32_t *a, const uint32_t *b, size_t count);
/* The same times in seconds, to the nearest float; infinity where unreachable. */
void kernels_route_seconds(const uint32_t *times, float *seconds, size_t count);

#pragma GCC visibility pop
#endif
