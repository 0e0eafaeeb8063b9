/* Exponential and logarithm of our own: those of the C library differ from processor to processor in the last
 * bits. Nothing here is fused. */
#include "kernels.h"
#include "lanes.h"

#include <string.h>

static const double ln2_high = 0x1.62e42feep-1; /* 32 bits, so that its product with an exponent is exact */
static const double ln2_low = 0x1.a39ef35793c76p-33;

static double from_bits(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float kernels_exp(float x) { return exponential((lanes)x, (lanes)0.0f).x; }

/* 2^k · e^r with |r| ≤ ½ ln 2 and Taylor's polynomial of degree 13 (remainder 4e-18). */
double kernels_exp64(double x) {
    static const double coefficients[] = {
        1.0 / 6227020800, 1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320,
        1.0 / 5040,       1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5,
    };
    if (x != x) return x;
    if (x > 0x1.62e42fefa39efp+9) return __builtin_inf();
    if (x < -0x1.6232bdd7abcd2p+9) return 0;

    const double round_to_integer = 0x1.8p52;
    const double k = (x * 0x1.71547652b82fep+0 + round_to_integer) - round_to_integer;
    const double r = (x - k * ln2_high) - k * ln2_low;
    double p = coefficients[0];
    for (size_t i = 1; i < sizeof coefficients / sizeof *coefficients; i++) p = p * r + coefficients[i];
    p = (p * r * r + r) + 1;

    /* In two factors, since 2^1024 is no double. */
    const int64_t exponent = (int64_t)k, first = exponent / 2, second = exponent - first;
    return p * from_bits((uint64_t)(first + 1023) << 52) * from_bits((uint64_t)(second + 1023) << 52);
}

/* x = 2^k · m with m in [√½, √2); ln m = 2 artanh s = 2 (s + s³/3 + s⁵/5 + …), s = (m − 1) / (m + 1). */
double kernels_log(double x) {
    if (x != x || x == __builtin_inf()) return x;
    if (x < 0) return __builtin_nan("");
    if (x == 0) return -__builtin_inf();

    int64_t k = 0;
    if (x < 0x1p-1022) x *= 0x1p54, k = -54;
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    /* Counted from √½, the exponent field steps where m would leave its range. */
    const uint64_t root_half = 0x3FE6A09E667F3BCD;
    const int64_t octaves = (int64_t)(bits - root_half) >> 52;
    k += octaves;
    const double m = from_bits(bits - ((uint64_t)octaves << 52));

    const double f = m - 1, s = f / (m + 1), z = s * s;
    double series = 0;
    for (int odd = 23; odd >= 3; odd -= 2) series = (series + 1.0 / odd) * z;
    /* 2s = f − s·f, whose leading part is exact. */
    const double exponent = (double)k;
    return exponent * ln2_high + (f - (s * (f - 2 * series) - exponent * ln2_low));
}
