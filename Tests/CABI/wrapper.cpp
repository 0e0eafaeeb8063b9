// The C++ wrapper, with and without exceptions: ownership, results, views, and agreement with the C functions.
#include <array>
#include <cstring>
#include <patrol.hpp>
#include <patrol.hpp>

#include "files.h"

static_assert(std::is_move_constructible_v<patrol::Session> && !std::is_copy_constructible_v<patrol::Session>);
static_assert(std::is_nothrow_move_assignable_v<patrol::Area>);
static_assert(sizeof(patrol::Unit) == sizeof(patrol_unit) && sizeof(patrol::Incident) == sizeof(patrol_incident));
static_assert(std::is_convertible_v<std::vector<patrol::Unit> &, patrol::View<const patrol_unit>>);
static_assert(!std::is_convertible_v<std::vector<double> &, patrol::View<const float>>);

namespace {

patrol::View<const std::byte> bytes(const tensor_file &file) {
    return {reinterpret_cast<const std::byte *>(file.bytes), file.length};
}

// Takes the value out, or ends the test.
template <class T>
T must(patrol::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s: %s\n", result.error().status_name(), result.error().what());
        std::exit(2);
    }
    return *std::move(result);
}

patrol::Area make_area() {
    city c;
    city_init(&c);
    return must(patrol::Area::try_create(c.arrays));
}

patrol::Policy make_policy() {
    static tensor_file file;
    file_policy(&file, POLICY_METADATA);
    file_finish(&file);
    return must(patrol::Policy::try_load(bytes(file)));
}

void check_area() {
    static tensor_file file;
    city c;
    city_init(&c);
    file_area(&file, &c, AREA_METADATA);
    file_finish(&file);
    const patrol::Area area = make_area(), loaded = must(patrol::Area::try_load(bytes(file)));
    const patrol_area_info info = must(area.try_info());
    CHECK(info.node_count == CITY_NODES && info.group_count == 2);
    CHECK(info.content_hash == must(loaded.try_info()).content_hash);
    CHECK(must(area.try_patrol_locations()).size() == CITY_NODES);
    CHECK(must(area.try_demand_points()).size() == CITY_NODES);
    const std::array<double, 4> xy = {10.0, 0.0, 990.0, -1000.0};
    CHECK((must(area.try_nearest_nodes(xy)).nodes == std::vector<std::uint32_t>{0, 8}));
    const std::uint32_t origins[] = {0}, destinations[] = {4, 8};
    CHECK(must(area.try_travel_factors()) == std::vector<float>(2 * PATROL_WEEK_HOURS, 1.0f));
    CHECK((must(area.try_travel_times(PATROL_MODE_PATROL, origins, destinations)) == std::vector<float>{120, 240}));
    const patrol::Path path = must(area.try_path(PATROL_MODE_EMERGENCY, 0, 1));
    CHECK((path.nodes == std::vector<std::uint32_t>{0, 1}) && path.seconds == 45.0f);
    const auto refused = area.try_path(PATROL_MODE_PATROL, 0, 99);
    CHECK(!refused && refused.error().status() == PATROL_ERROR_OUT_OF_RANGE);
    CHECK(std::string(refused.error().what()).find("99") != std::string::npos);
}

void check_policy() {
    const patrol::Policy policy = make_policy();
    CHECK(must(policy.try_info()).tensor_count == 13);
    const patrol::Tensor tensor = must(policy.try_tensor(0));
    CHECK(tensor.name == "patrol.0.weight" && tensor.dtype == "F32");
    CHECK((tensor.shape == std::vector<std::uint64_t>{3, 28}));
    CHECK(must(policy.try_metadata(0)).key == "format" && must(policy.try_metadata(0)).value == "libpatrol policy");
    CHECK(!policy.try_tensor(13) && !policy.try_metadata(99));
    CHECK(must(policy.try_evaluate("pair", 24, std::vector<float>(48, 0.5f))).size() == 2);
    CHECK(policy.try_evaluate("pair", 0, {}).error().status() == PATROL_ERROR_INVALID_ARGUMENT);
}

void check_decisions() {
    static request r;
    request_init(&r);
    std::vector<patrol::Unit> units(REQUEST_UNITS);
    std::vector<patrol::Incident> incidents(REQUEST_INCIDENTS);
    for (std::size_t index = 0; index < units.size(); index += 1)
        static_cast<patrol_unit &>(units[index]) = r.units[index];
    for (std::size_t index = 0; index < incidents.size(); index += 1)
        static_cast<patrol_incident &>(incidents[index]) = r.incidents[index];
    const patrol::Snapshot snapshot(r.snapshot.time_seconds, units, incidents);
    patrol::DecideOptions options;
    options.deadline_microseconds = 0;

    // Area, policy and engine go out of scope: the session keeps what it needs. Moving keeps the handle.
    patrol::Session first = must(patrol::Session::try_create(
        must(patrol::Engine::try_create(make_area(), make_policy())), REQUEST_UNITS, REQUEST_INCIDENTS));
    patrol::Session session = std::move(first);
    CHECK(first.get() == nullptr);
    MUST(request_decide(&r, session.get(), error));
    patrol::Answer decision;
    for (int round = 0; round < 2; round += 1) {
        CHECK(session.try_decide(snapshot, decision, options));
        CHECK(decision.moves.size() == r.answer.move_count);
        CHECK(std::memcmp(decision.moves.data(), r.moves, decision.moves.size() * sizeof(patrol_move)) == 0);
        CHECK(decision.assignments.size() == r.answer.assignment_count);
        CHECK(decision.waits.size() == r.answer.wait_count);
        CHECK(decision.objective == r.answer.objective && decision.bound == r.answer.bound);
    }
    std::vector<patrol::Answer> decisions;
    std::vector<patrol_snapshot> snapshots{snapshot, snapshot};
    snapshots[1].time_seconds = -1.0;
    const auto outcomes = must(session.try_decide_many(snapshots, decisions, options));
    CHECK(outcomes.size() == 2 && outcomes[0] && outcomes[1].error().status() == PATROL_ERROR_INVALID_NUMBER);
    CHECK(decisions[0].objective == r.answer.objective && decisions[0].moves.size() == r.answer.move_count);
    CHECK(decisions[1].moves.empty() && decisions[1].assignments.empty());
    const patrol::Candidates candidates = must(session.try_candidates(snapshot, 7001));
    CHECK(candidates.candidates.size() == 5 && candidates.features.size() == 5 * PATROL_CANDIDATE_FEATURES);
    const patrol::Pairs pairs = must(session.try_eligible_pairs(snapshot));
    CHECK(pairs.pairs.size() == 6 && pairs.deltas.size() == 6 * PATROL_STATE_FEATURES);

    const auto explanations = must(session.try_explain(snapshot, options));
    CHECK(explanations.size() == decision.assignments.size() && explanations.size() > 1);
    for (std::size_t k = 0; k < explanations.size(); k += 1)
        CHECK(explanations[k].unit_id == decision.assignments[k].unit_id &&
              explanations[k].least_loss <= explanations[k].objective_loss);
    CHECK(must(session.try_rank_units(snapshot, 500)).size() == REQUEST_UNITS);
    CHECK(must(session.try_program(snapshot)).find("x_0_0") != std::string::npos);
    const patrol::Engine engine = must(patrol::Engine::try_create(make_area(), make_policy()));
    const patrol::Engine shared = engine.share();
    CHECK(shared.get() == engine.get());
    CHECK(session.try_move(engine).error().status() == PATROL_ERROR_MISMATCH); // its area is another
    patrol::Session own = must(patrol::Session::try_create(engine, REQUEST_UNITS, REQUEST_INCIDENTS));
    CHECK(own.try_move(shared));
    CHECK(own.try_decide(snapshot, decision, options) && decision.objective == r.answer.objective);
    std::vector<std::uint8_t> record = must(engine.try_record(snapshot, decision, options));
    CHECK(engine.try_replay(record));
    patrol_replay_options no_time PATROL_REPLAY_OPTIONS_INIT;
    const std::int32_t set = 1;
    no_time.cancel = &set;
    CHECK(engine.try_replay(record, no_time).error().status() == PATROL_ERROR_NO_TIME);
    CHECK(must(engine.try_json(record)).find("\"rules\"") != std::string::npos);
    std::vector<std::uint8_t> chain = must(engine.try_record_after({}, snapshot, decision, options));
    const std::vector<std::uint8_t> next = must(engine.try_record_after(chain, snapshot, decision, options));
    chain.insert(chain.end(), next.begin(), next.end());
    std::size_t count = 0;
    CHECK(patrol_records_check(chain.data(), chain.size(), &count, nullptr) == PATROL_OK && count == 2);
    const std::uint64_t served = decision.assignments[0].incident_id;
    CHECK(must(session.try_explain_call(snapshot, served, options))[0].incident_id == served);
    const auto why = must(session.try_explain_pair(snapshot, decision.assignments[0].unit_id, served, options));
    CHECK(why.reason == PATROL_WHY_NOT_ASSIGNED && why.assigned_incident_id == served);
    record.pop_back();
    CHECK(engine.try_replay(record).error().status() == PATROL_ERROR_INVALID_FILE);

    const std::vector<float> limits(CITY_CATEGORIES, 0.0f); // calls that may be held are
    patrol::EngineOptions holding;
    holding.hold_rows = 1;
    holding.hold_travel_seconds = limits.data();
    patrol::Session holder = must(patrol::Session::try_create(must(patrol::Engine::try_create(make_area(), holding)),
                                                              REQUEST_UNITS, REQUEST_INCIDENTS));
    CHECK(holder.try_decide(snapshot, decision, options));
    CHECK(decision.assignments.size() == 1 && decision.waits[0].reason == PATROL_WAIT_HELD);

    units[1].node = 9;
    CHECK(session.try_decide(snapshot, decision, options)); // the row is left out, and named
    CHECK(decision.issues.size() == 1 && decision.issues[0].table == PATROL_TABLE_UNITS && decision.issues[0].row == 1);
    CHECK(decision.first_issue.status == PATROL_ERROR_OUT_OF_RANGE && decision.first_issue.message[0] != 0);
    CHECK(decision.moves[1].reason == PATROL_MOVE_LEFT_OUT && must(session.try_least_deadline()) > 0);
    CHECK(must(patrol::Session::try_bytes(engine, 60, 25)) > must(patrol::Session::try_bytes(engine, 4, 4)));
    options.bad_rows = PATROL_BAD_ROWS_REFUSE;
    const auto refused = session.try_decide(snapshot, decision, options);
    CHECK(!refused && refused.error().status() == PATROL_ERROR_OUT_OF_RANGE);
    CHECK(decision.moves.empty() && decision.assignments.empty() && decision.waits.empty());

    const double values[] = {1, 5, 4, 2};
    const patrol::Matching matching = must(patrol::try_solve_assignment(values, 2, 2));
    CHECK((matching.columns == std::vector<std::int32_t>{1, 0}) && matching.objective == 9.0);
}

#if PATROL_HAS_EXCEPTIONS
void check_exceptions() {
    patrol::check_version();
    int caught = 0;
    try {
        patrol::Area::load("/nowhere/area");
    } catch (const std::exception &error) {
        caught += std::string(error.what()).find("/nowhere/area") != std::string::npos;
    }
    const patrol::Area area = make_area();
    patrol::EngineOptions options;
    options.dispatch_policy = "nearest";
    try {
        patrol::Engine::create(area, options);
    } catch (const patrol::Error &error) {
        caught += error.status() == PATROL_ERROR_UNKNOWN_NAME && std::string(error.status_name()) == "UNKNOWN_NAME";
    }
    CHECK(caught == 2);
    patrol::Session session = patrol::Session::create(patrol::Engine::create(area), 2, 0);
    std::vector<patrol::Unit> units(2);
    units[0].id = 1, units[0].node = 0;
    units[1].id = 2, units[1].node = 8;
    CHECK(session.decide(patrol::Snapshot(0.0, units, {})).moves.size() == 2);
    CHECK(area.path(PATROL_MODE_PATROL, 0, 8).nodes.size() == 5);
}
#else
void check_exceptions() { CHECK(patrol::try_check_version()); }
#endif

} // namespace

int main() {
    CHECK(patrol::version() == PATROL_VERSION);
    check_area();
    check_policy();
    check_decisions();
    check_exceptions();
    return check_done("wrapper");
}
