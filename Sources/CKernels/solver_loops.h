/* The inner loops of the dispatch solver, written once and compiled by each loops_*.c for its instruction set. Each
 * lane has its own fixed order of operations and nothing is fused, so every instruction set gives the same bits. */
#include "levels.h"

#pragma STDC FP_CONTRACT OFF

typedef double doubles __attribute__((ext_vector_type(8)));

#define DOUBLES 8
#define LOAD(p) (*(const doubles *)(p))
#define STORE(p) (*(doubles *)(p))
#define BROADCAST(x) ((doubles)(x))
#define MAXIMUM(a, b) ((a) > (b) ? (a) : (b))
#define MINIMUM(a, b) ((a) < (b) ? (a) : (b))
#define SUM(a) ((((a)[0] + (a)[4]) + ((a)[2] + (a)[6])) + (((a)[1] + (a)[5]) + ((a)[3] + (a)[7])))

double KERNEL(kernels_relu_sum)(const double *activation, const double *weight, const double *plus1,
                                const double *plus2, const double *minus1, const double *minus2, size_t units) {
    doubles sum = BROADCAST(0.0);
    const doubles zero = BROADCAST(0.0);
    for (size_t k = 0; k < units; k += DOUBLES) {
        doubles z = LOAD(activation + k) + LOAD(plus1 + k) + LOAD(plus2 + k) - LOAD(minus1 + k) - LOAD(minus2 + k);
        sum += LOAD(weight + k) * MAXIMUM(z, zero);
    }
    return SUM(sum);
}

void KERNEL(kernels_add_rows)(double *sum, const double *plus1, const double *plus2, const double *minus1,
                              const double *minus2, size_t units) {
    for (size_t k = 0; k < units; k += DOUBLES)
        STORE(sum + k) = LOAD(sum + k) + LOAD(plus1 + k) + LOAD(plus2 + k) - LOAD(minus1 + k) - LOAD(minus2 + k);
}

void KERNEL(kernels_influence)(double *out, const double *a, const double *b, const double *c, double share,
                               const double *scale, size_t units) {
    const doubles factor = BROADCAST(share);
    for (size_t k = 0; k < units; k += DOUBLES)
        STORE(out + k) = (LOAD(a + k) + LOAD(b + k) + factor * LOAD(c + k)) * LOAD(scale + k);
}

void KERNEL(kernels_influence_range)(double *low, double *high, const double *a, const double *b, const double *c,
                                     size_t width, const int32_t *rows, const int32_t *parts, const float *shares,
                                     size_t count, const double *scale, size_t units) {
    for (size_t k = 0; k < units; k += DOUBLES) {
        doubles l = LOAD(low + k), h = LOAD(high + k);
        const doubles s = LOAD(scale + k);
        for (size_t p = 0; p < count; p++) {
            const size_t row = (size_t)rows[p] * width + k, part = (size_t)parts[p] * width + k;
            const doubles x = (LOAD(a + row) + LOAD(b + part) + BROADCAST((double)shares[p]) * LOAD(c + part)) * s;
            l = MINIMUM(x, l);
            h = MAXIMUM(x, h);
        }
        STORE(low + k) = l;
        STORE(high + k) = h;
    }
}

void KERNEL(kernels_add_range)(double *sum_low, double *sum_high, const double *low, const double *high, double count,
                               int must, size_t units) {
    const doubles zero = BROADCAST(0.0), times = BROADCAST(count);
    for (size_t k = 0; k < units; k += DOUBLES) {
        doubles l = LOAD(low + k), h = LOAD(high + k);
        if (!must) l = MINIMUM(l, zero), h = MAXIMUM(h, zero);
        STORE(sum_low + k) = LOAD(sum_low + k) + times * l;
        STORE(sum_high + k) = LOAD(sum_high + k) + times * h;
    }
}

void KERNEL(kernels_extend_range)(double *low, double *high, const double *row, size_t units) {
    for (size_t k = 0; k < units; k += DOUBLES) {
        doubles x = LOAD(row + k), l = LOAD(low + k), h = LOAD(high + k);
        STORE(low + k) = MINIMUM(x, l);
        STORE(high + k) = MAXIMUM(x, h);
    }
}

int KERNEL(kernels_touches_range)(const double *low, const double *high, const double *row, size_t units) {
    typedef int64_t __attribute__((ext_vector_type(DOUBLES))) flags;
    flags found = 0;
    for (size_t k = 0; k < units; k += DOUBLES) {
        doubles x = LOAD(row + k);
        found |= (x == LOAD(low + k)) | (x == LOAD(high + k));
    }
    return __builtin_reduce_or(found) != 0;
}

double KERNEL(kernels_neuron_losses)(double *after, const double *activation, const double *influence,
                                     const double *rest_low, const double *rest_high, const double *low,
                                     const double *high, const double *weight, const double *slope, const double *peak,
                                     size_t units) {
    doubles sum = BROADCAST(0.0);
    const doubles zero = BROADCAST(0.0);
    for (size_t k = 0; k < units; k += DOUBLES) {
        doubles z = LOAD(activation + k) + LOAD(influence + k), w = LOAD(weight + k), g = LOAD(slope + k);
        STORE(after + k) = z;
        doubles l = MAXIMUM(z + LOAD(rest_low + k), LOAD(low + k));
        doubles h = MINIMUM(z + LOAD(rest_high + k), LOAD(high + k));
        doubles kink = MINIMUM(MAXIMUM(zero, l), h);
        doubles most = w * MAXIMUM(kink, zero) - g * kink;
        doubles at_low = w * MAXIMUM(l, zero) - g * l, at_high = w * MAXIMUM(h, zero) - g * h;
        most = MAXIMUM(most, MAXIMUM(at_low, at_high));
        sum += MAXIMUM(LOAD(peak + k) - most, zero);
    }
    return SUM(sum);
}

void KERNEL(kernels_weighted_sum)(double *sum, const double *weights, const float *features, size_t count,
                                  size_t units) {
    for (size_t k = 0; k < units; k += DOUBLES) STORE(sum + k) = BROADCAST(0.0);
    for (size_t f = 0; f < count; f++, weights += units) {
        if (features[f] == 0) continue; /* as most are */
        const doubles feature = BROADCAST((double)features[f]);
        for (size_t k = 0; k < units; k += DOUBLES) STORE(sum + k) = LOAD(sum + k) + LOAD(weights + k) * feature;
    }
}

double KERNEL(kernels_dot64)(const double *a, const double *b, size_t units) {
    doubles sum = BROADCAST(0.0);
    for (size_t k = 0; k < units; k += DOUBLES) sum += LOAD(a + k) * LOAD(b + k);
    return SUM(sum);
}

double KERNEL(kernels_project_on_cuts)(double *point, double *free_point, double *multiplier, const double *cuts,
                                       const double *constants, size_t count, const double *low, const double *high,
                                       const double *scale, double level, double tolerance, size_t sweeps,
                                       size_t units) {
    double worst = 0;
    for (size_t sweep = 0; sweep < sweeps; sweep++) {
        worst = 0;
        for (size_t j = 0; j < count; j++) {
            const double *cut = cuts + j * units;
            const doubles zero = BROADCAST(0.0);
            doubles height = zero, inner = zero, outer = zero;
            for (size_t k = 0; k < units; k += DOUBLES) {
                doubles y = LOAD(free_point + k), l = LOAD(low + k), h = LOAD(high + k), z = LOAD(cut + k);
                doubles square = LOAD(scale + k) * z * z;
                doubles x = MINIMUM(MAXIMUM(y, l), h);
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
            doubles change = BROADCAST(multiplier[j] - next);
            multiplier[j] = next;
            for (size_t k = 0; k < units; k += DOUBLES)
                STORE(free_point + k) = LOAD(free_point + k) + change * LOAD(scale + k) * LOAD(cut + k);
        }
        if (worst <= tolerance) break;
    }
    for (size_t k = 0; k < units; k += DOUBLES)
        STORE(point + k) = MINIMUM(MAXIMUM(LOAD(free_point + k), LOAD(low + k)), LOAD(high + k));
    return worst;
}
