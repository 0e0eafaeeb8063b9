/*
 * Decisions and what is asked about them, from random bytes: each input names a city and an engine, and is a shift of
 * snapshots with extreme numbers throughout. Whatever the bytes, calls return, refuse with a sentence and untouched
 * outputs, or answer as patrol.h promises.
 */
#include "check_records.h"
#include "keep_city.h"
#include "look_inside.h"

/* Decides again where that must come to the same. */
static void decide_again(patrol_session *session, const world *w, const answer *first) {
    patrol_error error;
    answer second;
    int32_t status;
    answer_init(&second, w);
    SUCCEEDS(patrol_decide_many(session, &w->snapshot, sizeof w->snapshot, 1, &w->options, &second.answer,
                                sizeof second.answer, &status, NULL, &error));
    HOLDS(status == PATROL_OK);
    check_answer(&second, w);
    counted_decisions += 1;
    HOLDS(!is_repeatable(w) || agree(first, &second, w));
}

/* By way of the other engine, where the session goes there: each decides as in a session of its own. */
static void move(kept_city *c, const world *w, const answer *first) {
    patrol_error error;
    answer moved, own;
    int32_t status = c->other == NULL ? PATROL_ERROR_MISMATCH : patrol_session_move(c->session, c->other, &error);
    if (status != PATROL_OK) {
        HOLDS(status == PATROL_ERROR_MISMATCH);
        if (c->other != NULL) check_refused(status, &error);
        return;
    }
    answer_init(&moved, w);
    answer_init(&own, w);
    SUCCEEDS(patrol_decide(c->session, &w->snapshot, &w->options, &moved.answer, &error));
    SUCCEEDS(patrol_decide(c->session_of_other, &w->snapshot, &w->options, &own.answer, &error));
    HOLDS(!is_repeatable(w) || agree(&moved, &own, w));
    counted_decisions += 2;
    patrol_engine_retain(c->engine);
    SUCCEEDS(patrol_session_move(c->session, c->engine, &error));
    patrol_engine_destroy(c->engine);
    decide_again(c->session, w, first);
}

static void decide(source *s, kept_city *c, world *w) {
    patrol_error error;
    answer first;
    uint32_t looks = draw(s, 256);
    const size_t kept = exact_count;
    int32_t status;
    answer_init(&first, w);
    status = patrol_decide(c->session, &w->snapshot, &w->options, &first.answer, &error);
    check_either(status, &error, &first);
    if (status != PATROL_OK) {
        exact_free(kept);
        return;
    }
    counted_decisions += 1;
    check_answer(&first, w);
    if (looks % 4 == 1) decide_again(c->session, w, &first);
    if (looks / 4 % 4 == 1) explain_pair(s, c->session, w, &first);
    switch (looks / 16) {
    case 1: look_at_pairs(c->session, w); break;
    case 2: look_at_units(c->session, w, &first); break;
    case 3: look_at_calls(c->session, w); break;
    case 4: look_at_program(c->session, w); break;
    case 5: explain(c->session, w, &first); break;
    case 6: explain_call(s, c->session, w, &first); break;
    case 7: check_chain(s, c->engine, w, &first); break;
    case 8: move(c, w, &first); break;
    case 9: replay(s, c->engine, w, &first); break;
    default: break;
    }
    exact_free(kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    source bytes = {data, data + size, 0, 0}, *s = &bytes;
    kept_city *c = city_of(s, 1);
    static world w;
    int more;
    s->wild = draw(s, 4) == 1;
    while (c->session != NULL && s->next < s->end) {
        w = c->world;
        make_snapshot(s, &w);
        make_decide_options(s, &w);
        for (more = (int)draw(s, 16); more >= 0; more -= 1) {
            decide(s, c, &w);
            if (s->next < s->end) vary(s, &w);
        }
        exact_free(0);
    }
    return 0;
}
