/* Two Embedded Swift libraries in one program. */
#include "city.h"

extern int32_t other_tally(int32_t count);

int main(void) {
    static request r;
    patrol_session *session = city_session(NULL);
    request_init(&r);
    CHECK(other_tally(20) == 25);
    MUST(request_decide(&r, session, error));
    CHECK(r.answer.assignment_count >= 1);
    patrol_session_destroy(session);
    CHECK(other_tally(3) == 6);
    return check_done("both");
}
