#include "kernels.h"

/* Processors without a known register keep what the host has set. */
#if defined(__x86_64__)
#include <xmmintrin.h>

enum { FLAGS = 0x3F, DEFAULT = 0x1F80, X87_DEFAULT = 0x37F };

static void set_x87(uint16_t control) { __asm__ volatile("fldcw %0" : : "m"(control)); }

uint64_t kernels_float_begin(void) {
    const uint32_t before = _mm_getcsr();
    uint16_t x87;
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    if ((before & ~(uint32_t)FLAGS) != DEFAULT) _mm_setcsr(DEFAULT);
    if (x87 != X87_DEFAULT) set_x87(X87_DEFAULT); /* some of the C library's functions use it */
    return (uint64_t)x87 << 32 | before;
}

void kernels_float_end(uint64_t state) {
    const uint16_t x87 = (uint16_t)(state >> 32);
    if (x87 != X87_DEFAULT) {
        __asm__ volatile("fnclex");
        set_x87(x87);
    }
    _mm_setcsr((uint32_t)state);
}
#elif defined(__aarch64__)
uint64_t kernels_float_begin(void) {
    uint64_t control, flags;
    __asm__ volatile("mrs %0, fpcr\n\tmrs %1, fpsr" : "=r"(control), "=r"(flags));
    if (control != 0) __asm__ volatile("msr fpcr, %0" : : "r"((uint64_t)0));
    return control << 32 | flags;
}

void kernels_float_end(uint64_t state) {
    __asm__ volatile("msr fpsr, %0\n\tmsr fpcr, %1" : : "r"(state & 0xFFFFFFFF), "r"(state >> 32));
}
#else
uint64_t kernels_float_begin(void) { return 0; }
void kernels_float_end(uint64_t state) { (void)state; }
#endif
