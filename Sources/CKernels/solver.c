/* Inner loops of the dispatch solver. Each lane has its own fixed order of operations and no fused
 * multiply-add, so that all clones give the same bits. */
#include "kernels.h"

#pragma STDC FP_CONTRACT OFF

#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))

typedef double lanes __attribute__((ext_vector_type(8)));

#define LANES 8
#define LOAD(p) (*(const lanes *)(p))
#define STORE(p) (*(lanes *)(p))
#define BROADCAST(x) ((lanes)(x))
#define MAXIMUM(a, b) ((a) > (b) ? (a) : (b))
#define MINIMUM(a, b) ((a) < (b) ? (a) : (b))
#define SUM(a) ((((a)[0] + (a)[4]) + ((a)[2] + (a)[6])) + (((a)[1] + (a)[5]) + ((a)[3] + (a)[7])))

CLONES void kernels_priced_values(double *values, const double *base, const double *influence, size_t stride,
                                  const double *prices, size_t units, size_t pairs) {
    size_t p = 0;
    for (; p + 4 * LANES <= pairs; p += 4 * LANES) {
        lanes a = LOAD(base + p), b = LOAD(base + p + 8), c = LOAD(base + p + 16), d = LOAD(base + p + 24);
        for (size_t k = 0; k < units; k++) {
            if (prices[k] == 0) continue;
            const double *row = influence + k * stride + p;
            lanes price = BROADCAST(prices[k]);
            a += price * LOAD(row);
            b += price * LOAD(row + 8);
            c += price * LOAD(row + 16);
            d += price * LOAD(row + 24);
        }
        STORE(values + p) = a;
        STORE(values + p + 8) = b;
        STORE(values + p + 16) = c;
        STORE(values + p + 24) = d;
    }
    for (; p < pairs; p += LANES) {
        lanes a = LOAD(base + p);
        for (size_t k = 0; k < units; k++)
            if (prices[k] != 0) a += BROADCAST(prices[k]) * LOAD(influence + k * stride + p);
        STORE(values + p) = a;
    }
}

CLONES double kernels_relu_sum(const double *activation, const double *weight, const double *plus1,
                               const double *plus2, const double *minus1, const double *minus2, size_t units) {
    lanes sum = BROADCAST(0.0);
    const lanes zero = BROADCAST(0.0);
    for (size_t k = 0; k < units; k += LANES) {
        lanes z = LOAD(activation + k) + LOAD(plus1 + k) + LOAD(plus2 + k) - LOAD(minus1 + k) - LOAD(minus2 + k);
        sum += LOAD(weight + k) * MAXIMUM(z, zero);
    }
    return SUM(sum);
}

CLONES void kernels_add_rows(double *sum, const double *plus1, const double *plus2, const double *minus1,
                             const double *minus2, size_t units) {
    for (size_t k = 0; k < units; k += LANES)
        STORE(sum + k) =
            LOAD(sum + k) + LOAD(plus1 + k) + LOAD(plus2 + k) - LOAD(minus1 + k) - LOAD(minus2 + k);
}

CLONES void kernels_extend_range(double *low, double *high, const double *row, size_t units) {
    for (size_t k = 0; k < units; k += LANES) {
        lanes x = LOAD(row + k), l = LOAD(low + k), h = LOAD(high + k);
        STORE(low + k) = MINIMUM(x, l);
        STORE(high + k) = MAXIMUM(x, h);
    }
}

CLONES double kernels_dot64(const double *a, const double *b, size_t units) {
    lanes sum = BROADCAST(0.0);
    for (size_t k = 0; k < units; k += LANES) sum += LOAD(a + k) * LOAD(b + k);
    return SUM(sum);
}

CLONES double kernels_project_on_cuts(double *point, double *free_point, double *multiplier, const double *cuts,
                                      const double *constants, size_t count, const double *low, const double *high,
                                      const double *scale, double level, double tolerance, size_t sweeps,
                                      size_t units) {
    double worst = 0;
    for (size_t sweep = 0; sweep < sweeps; sweep++) {
        worst = 0;
        for (size_t j = 0; j < count; j++) {
            const double *cut = cuts + j * units;
            const lanes zero = BROADCAST(0.0);
            lanes height = zero, inner = zero, outer = zero;
            for (size_t k = 0; k < units; k += LANES) {
                lanes y = LOAD(free_point + k), l = LOAD(low + k), h = LOAD(high + k), z = LOAD(cut + k);
                lanes square = LOAD(scale + k) * z * z;
                lanes x = MINIMUM(MAXIMUM(y, l), h);
                height += z * x;
                inner += x == y ? square : zero;
                outer += l == h ? zero : square;
            }
            double excess = SUM(height) + constants[j] - level;
            if (excess > worst) worst = excess;
            if (excess <= 0 && multiplier[j] == 0) continue;
            double full = SUM(outer), norm = SUM(inner);
            if (norm < 0.05 * full) norm = full;
            if (!(norm > 0)) continue;
            double next = multiplier[j] + excess / norm;
            if (next < 0) next = 0;
            lanes change = BROADCAST(multiplier[j] - next);
            multiplier[j] = next;
            for (size_t k = 0; k < units; k += LANES)
                STORE(free_point + k) = LOAD(free_point + k) + change * LOAD(scale + k) * LOAD(cut + k);
        }
        if (worst <= tolerance) break;
    }
    for (size_t k = 0; k < units; k += LANES)
        STORE(point + k) = MINIMUM(MAXIMUM(LOAD(free_point + k), LOAD(low + k)), LOAD(high + k));
    return worst;
}
