#if defined(__x86_64__)
#include "levels.h"

#include <immintrin.h>

/* Two panels of a dense layer by six rows: as many sums as keep the multipliers busy. Each output is summed as everywhere else,
 * so it is the same bits. Of the other loops none has been faster with registers of this width. */
enum { ROWS = 6, PANELS = 2, LANES = 16 };

__attribute__((target("avx512f"))) void kernels_dense_layer_avx512(const float *x, size_t rows, size_t in,
                                                                   const float *packed, size_t out, int relu,
                                                                   float *y) {
    const size_t panel = LANES * (in + 1), panels = (out + LANES - 1) / LANES;
    /* Of one or two rows the weights take longer to read than the sums. */
    const size_t few = panels < PANELS ? rows : rows % ROWS <= 2 ? rows % ROWS : 0;
    rows -= few;
    if (few) kernels_dense_layer_avx2(x + in * rows, few, in, packed, out, relu, y + out * rows);
    if (rows == 0) return;
    /* The greater of this and a sum; of NaN, the sum. */
    const __m512 least = _mm512_set1_ps(relu ? 0.0f : -__builtin_inff());
    for (size_t done = 0; done < panels; done += PANELS) {
        /* Where these are not enough, panels or rows, some are done again, bit for bit. */
        const size_t first = done + PANELS <= panels ? done : panels - PANELS;
        const size_t kept = out - LANES * first - LANES;
        const __mmask16 last = (__mmask16)(kept < LANES ? (1u << kept) - 1 : 0xFFFF);
        for (size_t row = 0; row < rows; row += ROWS) {
            const float *from[ROWS], *weights = packed + panel * first;
            __m512 sums[ROWS][PANELS];
            for (size_t k = 0; k < ROWS; k++) {
                from[k] = x + in * (row + k < rows ? row + k : rows - 1);
                for (size_t p = 0; p < PANELS; p++) sums[k][p] = _mm512_loadu_ps(weights + p * panel);
            }
            for (size_t i = 0; i < in; i++) {
                weights += LANES;
                const __m512 one = _mm512_loadu_ps(weights), other = _mm512_loadu_ps(weights + panel);
                for (size_t k = 0; k < ROWS; k++) {
                    const __m512 value = _mm512_set1_ps(from[k][i]);
                    sums[k][0] = _mm512_fmadd_ps(value, one, sums[k][0]);
                    sums[k][1] = _mm512_fmadd_ps(value, other, sums[k][1]);
                }
            }
            for (size_t k = 0; k < ROWS && row + k < rows; k++) {
                float *to = y + out * (row + k) + LANES * first;
                _mm512_storeu_ps(to, _mm512_max_ps(least, sums[k][0]));
                _mm512_mask_storeu_ps(to + LANES, last, _mm512_max_ps(least, sums[k][1]));
            }
        }
    }
}
#endif
