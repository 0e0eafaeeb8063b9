/* Whatever the host computes with (rounding mode, traps, flushing to zero), decisions are the same bytes and it stays set. */
#define _GNU_SOURCE
#include <fenv.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "files.h"

static city town;
static tensor_file file;
static request usual;

/* Everything from an area up, with infinite and missing numbers on the way. The numbers given are computed before. */
static void decide(request *r) {
    patrol_area *area = NULL;
    patrol_policy *policy = NULL;
    patrol_engine *engine = NULL;
    patrol_session *session = NULL;
    MUST(patrol_area_create(&town.arrays, &town.options, &area, error));
    MUST(patrol_policy_load_memory(file.bytes, file.length, &policy, error));
    MUST(patrol_engine_create(area, policy, NULL, &engine, error));
    MUST(patrol_session_create(engine, 4, 4, &session, error));
    MUST(request_decide(r, session, error));
    patrol_session_destroy(session);
    patrol_engine_destroy(engine);
    patrol_policy_destroy(policy);
    patrol_area_destroy(area);
}

static void prepare(request *r) {
    request_init(r);
    request_add_all(r);
    r->travel_seconds[1] = INFINITY;
}

static void check_rounding(int mode) {
    static request r;
    int stays;
    prepare(&r);
    fesetround(mode);
    feraiseexcept(FE_DIVBYZERO);
    decide(&r);
    stays = fegetround() == mode && fetestexcept(FE_DIVBYZERO) != 0;
    fesetround(FE_TONEAREST);
    CHECK(stays);
    CHECK(request_agrees(&r, &usual));
    prepare(&r);
    feclearexcept(FE_ALL_EXCEPT);
    decide(&r);
    CHECK(fetestexcept(FE_ALL_EXCEPT) == 0);
}

static void check_traps(void) {
    static request r;
    int traps;
    prepare(&r);
    feclearexcept(FE_ALL_EXCEPT);
    feenableexcept(FE_ALL_EXCEPT);
    decide(&r);
    traps = fegetexcept();
    fedisableexcept(FE_ALL_EXCEPT);
    CHECK(traps == FE_ALL_EXCEPT || traps == 0); /* not every processor has traps */
    CHECK(request_agrees(&r, &usual));
}

static void check_flushing(void) {
#if defined(__x86_64__)
    static request r;
    const unsigned before = _mm_getcsr();
    unsigned after;
    prepare(&r);
    _mm_setcsr(before | 0x8040);
    decide(&r);
    after = _mm_getcsr();
    _mm_setcsr(before);
    CHECK(after == (before | 0x8040));
    CHECK(request_agrees(&r, &usual));
#endif
}

/* A call that fails gives back what was set as well. */
static void check_failure(void) {
    patrol_area *area = NULL;
    patrol_error error;
    fesetround(FE_DOWNWARD);
    check_refusal(__FILE__, __LINE__, "no area", patrol_area_load_file("/nowhere", NULL, &area, &error),
                  PATROL_ERROR_IO, &error, "");
    CHECK(fegetround() == FE_DOWNWARD);
    fesetround(FE_TONEAREST);
}

int main(void) {
    city_init(&town);
    file_policy(&file, POLICY_METADATA);
    file_finish(&file);
    prepare(&usual);
    decide(&usual);
    check_rounding(FE_UPWARD);
    check_rounding(FE_DOWNWARD);
    check_rounding(FE_TOWARDZERO);
    check_traps();
    check_flushing();
    check_failure();
    return check_done("float_state");
}
