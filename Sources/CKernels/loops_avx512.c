#if defined(__x86_64__)
#define LANES_FUSE_IN_HARDWARE 1
#define KERNEL(name) name##_avx512
#include "levels.h"

#define FEATURES "avx2,fma,avx512f,avx512vl,avx512bw,avx512dq"
#pragma clang attribute push(__attribute__((target(FEATURES))), apply_to = function)
#include "loops.h"
#include "solver_loops.h"
#pragma clang attribute pop
#endif
