/* Sixteen floats that every instruction set treats alike: the fixed order behind results that are the same
 * bytes on every machine. Included by each loops_*.c, which says what the processor offers. */
#ifndef PATROL_LANES_H
#define PATROL_LANES_H

#include <stddef.h>
#include <stdint.h>

/* Only fused() fuses. */
#pragma STDC FP_CONTRACT OFF
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 16
#define INLINED static inline __attribute__((always_inline))

typedef float lanes __attribute__((ext_vector_type(LANES)));
typedef uint32_t lane_bits __attribute__((ext_vector_type(LANES)));

INLINED lanes load(const float *from) {
    lanes value;
    __builtin_memcpy(&value, from, sizeof value);
    return value;
}

INLINED void store(float *to, lanes value) { __builtin_memcpy(to, &value, sizeof value); }

/* Copies `count` < 16 floats by halves: a call to memcpy would cost more than the work on them. */
INLINED void copy_part(float *to, const float *from, size_t count) {
    if (count & 8) __builtin_memcpy(to, from, 32), to += 8, from += 8;
    if (count & 4) __builtin_memcpy(to, from, 16), to += 4, from += 4;
    if (count & 2) __builtin_memcpy(to, from, 8), to += 2, from += 2;
    if (count & 1) *to = *from;
}

/* The first `count` < 16 lanes; the others are 0. */
INLINED lanes load_part(const float *from, size_t count) {
    float part[LANES] = {0};
    copy_part(part, from, count);
    return load(part);
}

INLINED void store_part(float *to, lanes value, size_t count) {
    float part[LANES];
    store(part, value);
    copy_part(to, part, count);
}

/* a·b + c, rounded once. */
#if LANES_FUSE_IN_HARDWARE
INLINED lanes fused(lanes a, lanes b, lanes c) { return __builtin_elementwise_fma(a, b, c); }
#else
/* One body of its own: inlined, it would be a tenth of the library, for processors that are twelve years old. */
typedef double wide_lanes __attribute__((ext_vector_type(LANES)));
typedef uint64_t wide_bits __attribute__((ext_vector_type(LANES)));

/* The product of two floats is exact in double. Their sum with c is rounded to odd there (Boldo & Melquiond 2008:
 * two sufficient extra bits make the second rounding, to float, the only one that counts), from its exact error. */
static __attribute__((noinline)) lanes fused(lanes a, lanes b, lanes c) {
    const wide_lanes product = __builtin_convertvector(a, wide_lanes) * __builtin_convertvector(b, wide_lanes);
    const wide_lanes addend = __builtin_convertvector(c, wide_lanes);
    const wide_lanes sum = product + addend;
    const wide_lanes added = sum - product;
    const wide_lanes error = (product - (sum - added)) + (addend - added);
    const wide_bits bits = (wide_bits)sum;
    const wide_bits inexact = (wide_bits)((error < 0) | (error > 0));
    const wide_bits even = (bits & 1) - 1;
    const wide_bits outward = 1 - (((bits ^ (wide_bits)error) >> 63) << 1);
    return __builtin_convertvector((wide_lanes)(bits + (outward & even & inexact)), lanes);
}
#endif

/* The sum of all lanes, by halves: lane i + lane i+8, then i + i+4, i + i+2, i + i+1. */
INLINED float total(lanes value) {
    typedef float __attribute__((ext_vector_type(8))) eight;
    typedef float __attribute__((ext_vector_type(4))) four;
    typedef float __attribute__((ext_vector_type(2))) two;
    const eight halves = value.lo + value.hi;
    const four quarters = halves.lo + halves.hi;
    const two eighths = quarters.lo + quarters.hi;
    return eighths.x + eighths.y;
}

/* exp(x + correction), |correction| far below 1: 2^k · e^r with |r| ≤ ½ ln 2 and Taylor's polynomial of degree 7
 * (remainder 5e-9). Nothing is fused, so a scalar is the same bits as a lane. NaN stays NaN. */
INLINED lanes exponential(lanes x, lanes correction) {
    const float round_to_integer = 0x1.8p23f;
    const float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f; /* k · ln2_high is exact */
    const lanes shifted = x * 0x1.715476p+0f + round_to_integer;
    const lanes k = shifted - round_to_integer;
    const lanes r = ((x - k * ln2_high) - k * ln2_low) + correction;

    lanes p = r * (1.0f / 5040) + 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;

    /* In two factors, since 2^128 is no float. The logical shift halves k + 256 > 0. */
    const lane_bits exponent = (lane_bits)shifted - 0x4B400000u + 256;
    const lane_bits first = exponent >> 1, second = exponent - first;
    p = p * (lanes)((first - 1) << 23) * (lanes)((second - 1) << 23);

    /* Above ln of the largest float, below ln of the smallest normal one. */
    p = x > 0x1.62e42ep+6f ? (lanes)__builtin_inff() : p;
    return x < -0x1.5d589ep+6f ? (lanes)0.0f : p;
}

#endif
