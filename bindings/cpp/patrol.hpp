// patrol.hpp: libpatrol for C++17 and later. One header over patrol.h, everything inline, no symbol exported.
//
//     patrol::Area area = patrol::Area::load("city.safetensors");
//     patrol::Engine engine = patrol::Engine::create(area);
//     patrol::Session session = patrol::Session::create(engine, 64, 64);
//     std::vector<patrol::Unit> units = ...;
//     std::vector<patrol::Incident> incidents = ...;
//     patrol::Answer decision = session.decide(patrol::Snapshot(time, units, incidents));
//
// Semantics, units and limits are those of patrol.h; the names are its names without the prefix.
//
// - Area, Policy, Engine and Session own their handle: they move, and do not copy. They may be destroyed in any order.
// - Every function that can fail has two forms: `try_load` returns a Result, `load` the value or throws patrol::Error.
//   With exceptions disabled (-fno-exceptions) only the first is declared.
// - Unit, Incident and the other structs are those of patrol.h, initialized to their documented defaults.
// - A View refers to elements owned elsewhere: a std::vector, a std::array, a std::span, an array.
#ifndef PATROL_HPP
#define PATROL_HPP

#include <patrol.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__cpp_exceptions) || defined(_CPPUNWIND)
#define PATROL_HAS_EXCEPTIONS 1
#else
#define PATROL_HAS_EXCEPTIONS 0
#endif

namespace patrol {
inline namespace abi_1 { // PATROL_ABI_VERSION: objects compiled against different headers do not link

// ---------------------------------------------------------------------------------------------------------------------
// Errors
// ---------------------------------------------------------------------------------------------------------------------

// An error: its status (PATROL_ERROR_...) and the sentence that says which value is wrong and what was expected.
class Error : public std::exception {
public:
    explicit Error(const patrol_error &error) noexcept : error_(error) {}

    std::int32_t status() const noexcept { return error_.status; }
    const char *status_name() const noexcept { return patrol_status_name(error_.status); }
    const char *what() const noexcept override { return error_.message; }

private:
    patrol_error error_;
};

// A value or an error. Check before access: `*result` requires a value, `error()` an error.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T &&value) : value_(std::move(value)) {}
    Result(const Error &error) noexcept : error_(error) {}
    Result(const patrol_error &error) noexcept : error_(error) {}

    explicit operator bool() const noexcept { return value_.has_value(); }
    T &operator*() & noexcept { return *value_; }
    T &&operator*() && noexcept { return *std::move(value_); }
    T *operator->() noexcept { return &*value_; }
    const Error &error() const noexcept { return error_; }

#if PATROL_HAS_EXCEPTIONS
    // The value; throws the error if there is none.
    T value() && {
        if (!value_) throw error_;
        return *std::move(value_);
    }
#endif

private:
    std::optional<T> value_;
    Error error_{patrol_error{}};
};

// Success or an error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() noexcept = default;
    Result(const Error &error) noexcept : error_(error) {}
    Result(const patrol_error &error) noexcept : error_(error) {}

    explicit operator bool() const noexcept { return error_.status() == PATROL_OK; }
    const Error &error() const noexcept { return error_; }

#if PATROL_HAS_EXCEPTIONS
    void value() && {
        if (!*this) throw error_;
    }
#endif

private:
    Error error_{patrol_error{}};
};

// ---------------------------------------------------------------------------------------------------------------------
// Structs and views
// ---------------------------------------------------------------------------------------------------------------------

// The structs of patrol.h with their defaults. They add no members: an array of them is an array of the C struct.
struct AreaArrays : patrol_area_arrays {
    AreaArrays() noexcept : patrol_area_arrays PATROL_AREA_ARRAYS_INIT {}
};
struct AreaOptions : patrol_area_options {
    AreaOptions() noexcept : patrol_area_options PATROL_AREA_OPTIONS_INIT {}
};
struct EngineOptions : patrol_engine_options {
    EngineOptions() noexcept : patrol_engine_options PATROL_ENGINE_OPTIONS_INIT {}
};
struct DecideOptions : patrol_decide_options {
    DecideOptions() noexcept : patrol_decide_options PATROL_DECIDE_OPTIONS_INIT {}
};

// The same without a deadline, as questions are asked that nobody waits for.
inline DecideOptions in_any_time() noexcept {
    DecideOptions options;
    options.deadline_microseconds = 0;
    return options;
}
struct Unit : patrol_unit {
    Unit() noexcept : patrol_unit PATROL_UNIT_INIT {}
};
struct Incident : patrol_incident {
    Incident() noexcept : patrol_incident PATROL_INCIDENT_INIT {}
};

using Move = patrol_move;
using Assignment = patrol_assignment;
using Wait = patrol_wait;
using Plan = patrol_plan;
using RowIssue = patrol_row_issue;
using EdgeChange = patrol_edge_change;
using PairCost = patrol_pair_cost;
using Substitute = patrol_substitute;
using Candidate = patrol_candidate;
using Pair = patrol_pair;
using Explanation = patrol_explanation;
using RankedUnit = patrol_ranked_unit;
using PairExplanation = patrol_pair_explanation;

// `size` elements of type T owned elsewhere, `stride` bytes apart.
template <class T>
class View {
public:
    constexpr View() noexcept = default;
    constexpr View(T *data, std::size_t size) noexcept : data_(data), size_(size) {}

    template <std::size_t Size>
    constexpr View(T (&array)[Size]) noexcept : data_(array), size_(Size) {}

    // Any container that has data() and size() and whose elements are T or derive from it.
    template <class Container, class Element = std::remove_pointer_t<decltype(std::declval<Container &>().data())>,
              class = std::enable_if_t<std::is_convertible_v<Element *, T *> &&
                                       !std::is_same_v<std::decay_t<Container>, View>>>
    constexpr View(Container &&container) noexcept
        : data_(container.data()), size_(container.size()), stride_(sizeof(Element)) {}

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr std::size_t stride() const noexcept { return stride_; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t stride_ = sizeof(T);
};

// What the host knows now. It refers to the caller's arrays, which must outlive the call it is passed to; the
// optional arrays (travel_seconds, location_idle_seconds) are members of patrol_snapshot.
struct Snapshot : patrol_snapshot {
    Snapshot(double time, View<const patrol_unit> units_now, View<const patrol_incident> incidents_now,
             View<const patrol_edge_change> changes = {}, View<const patrol_pair_cost> costs = {},
             View<const patrol_substitute> substitutes_now = {}) noexcept
        : patrol_snapshot PATROL_SNAPSHOT_INIT {
        time_seconds = time;
        units = units_now.data();
        unit_count = units_now.size();
        unit_stride = units_now.stride();
        incidents = incidents_now.data();
        incident_count = incidents_now.size();
        incident_stride = incidents_now.stride();
        edge_changes = changes.data();
        edge_change_count = changes.size();
        edge_change_stride = changes.stride();
        pair_costs = costs.data();
        pair_cost_count = costs.size();
        pair_cost_stride = costs.stride();
        substitutes = substitutes_now.data();
        substitute_count = substitutes_now.size();
        substitute_stride = substitutes_now.stride();
    }
};

// What was decided. One object can receive many decisions in turn: its memory is reused.
struct Answer {
    std::vector<Move> moves;             // one for each unit, if patrol was requested
    std::vector<Assignment> assignments; // in the order of the units
    std::vector<Wait> waits;             // calls that still need units
    std::vector<RowIssue> issues;        // rows of the snapshot that were left out
    patrol_error first_issue{};          // status and sentence of the first, if there are any
    bool wants_plans = false;            // set it to have them looked for
    std::vector<Plan> plans;             // busy units for calls that no free unit can serve
    std::int32_t solver_status = PATROL_SOLVER_OPTIMAL;
    double objective = 0.0;
    double bound = 0.0;
    double relative_gap = 0.0;
    std::uint64_t nodes = 0;
    std::uint64_t microseconds = 0;
    std::uint64_t routing_microseconds = 0; // part of `microseconds`, as are the rest
    std::uint64_t setup_microseconds = 0;
    std::uint64_t solver_microseconds = 0;
    std::uint64_t patrol_microseconds = 0;
    std::uint32_t abstained = 0; // PATROL_TASK_...: what "learned" left to a heuristic
};

namespace detail {

template <class Handle, void (*destroy)(Handle *)>
struct Destroy {
    void operator()(Handle *handle) const noexcept { destroy(handle); }
};

template <class Handle, void (*destroy)(Handle *)>
using Owner = std::unique_ptr<Handle, Destroy<Handle, destroy>>;

// The buffers of a decision as the C functions take them.
inline patrol_answer answer(Answer &decision) noexcept {
    patrol_answer answer PATROL_ANSWER_INIT;
    answer.moves = decision.moves.data();
    answer.move_capacity = answer.move_count = decision.moves.size();
    answer.assignments = decision.assignments.data();
    answer.assignment_capacity = answer.assignment_count = decision.assignments.size();
    answer.waits = decision.waits.data();
    answer.wait_capacity = answer.wait_count = decision.waits.size();
    answer.solver_status = decision.solver_status;
    answer.objective = decision.objective;
    answer.bound = decision.bound;
    answer.relative_gap = decision.relative_gap;
    answer.nodes = decision.nodes;
    answer.microseconds = decision.microseconds;
    answer.issues = decision.issues.data();
    answer.issue_capacity = decision.issues.size();
    answer.plans = decision.plans.data();
    answer.plan_capacity = decision.plans.size();
    return answer;
}

// Runs `call(Handle **, patrol_error *)` and wraps what it created.
template <class Object, class Handle, class Call>
Result<Object> create(Call call) {
    Handle *handle = nullptr;
    patrol_error error{};
    if (call(&handle, &error) != PATROL_OK) return error;
    return Object(handle);
}

// Runs `call(T *, patrol_error *)` on `value` and returns it filled in.
template <class T, class Call>
Result<T> fill(T value, Call call) {
    patrol_error error{};
    if (call(&value, &error) != PATROL_OK) return error;
    return value;
}

// Asks `call(data, capacity, count, error)` for the number of elements, then for the elements.
template <class T, class Call>
Result<std::vector<T>> list(Call call) {
    patrol_error error{};
    std::size_t count = 0;
    const std::int32_t status = call(static_cast<T *>(nullptr), std::size_t{0}, &count, &error);
    if (status != PATROL_OK && status != PATROL_ERROR_CAPACITY) return error;
    std::vector<T> elements(count);
    if (count > 0 && call(elements.data(), count, &count, &error) != PATROL_OK) return error;
    return elements;
}

// Asks `call(data, capacity, count, error)` for at most `most` elements.
template <class T, class Call>
Result<std::vector<T>> at_most(std::size_t most, Call call) {
    patrol_error error{};
    std::size_t count = 0;
    std::vector<T> elements(most);
    if (call(elements.data(), most, &count, &error) != PATROL_OK) return error;
    elements.resize(count);
    return elements;
}

} // namespace detail

// Checks that the library serves programs compiled against this header.
inline Result<void> try_check_version() noexcept {
    patrol_error error{};
    if (patrol_abi_check(PATROL_ABI_VERSION, &error) != PATROL_OK) return error;
    return {};
}

inline std::string_view version() noexcept { return patrol_version(); }

// ---------------------------------------------------------------------------------------------------------------------
// Area
// ---------------------------------------------------------------------------------------------------------------------

struct NearestNodes {
    std::vector<std::uint32_t> nodes;
    std::vector<float> metres;
};

struct Path {
    std::vector<std::uint32_t> nodes; // both ends included
    float seconds = 0.0f;
};

class Area {
public:
    static Result<Area> try_create(const patrol_area_arrays &arrays,
                                   const patrol_area_options &options = AreaOptions()) {
        return detail::create<Area, patrol_area>(
            [&](auto **area, auto *error) { return patrol_area_create(&arrays, &options, area, error); });
    }

    static Result<Area> try_load(const std::string &path, const patrol_area_options &options = AreaOptions()) {
        return detail::create<Area, patrol_area>(
            [&](auto **area, auto *error) { return patrol_area_load_file(path.c_str(), &options, area, error); });
    }

    static Result<Area> try_load(View<const std::byte> bytes, const patrol_area_options &options = AreaOptions()) {
        return detail::create<Area, patrol_area>([&](auto **area, auto *error) {
            return patrol_area_load_memory(bytes.data(), bytes.size(), &options, area, error);
        });
    }

    Result<patrol_area_info> try_info() const {
        return detail::fill(patrol_area_info PATROL_AREA_INFO_INIT,
                            [&](auto *info, auto *error) { return patrol_area_get_info(get(), info, error); });
    }

    Result<std::vector<std::uint32_t>> try_patrol_locations() const {
        return detail::list<std::uint32_t>([&](auto *nodes, std::size_t capacity, auto *count, auto *error) {
            return patrol_area_get_patrol_locations(get(), nodes, capacity, count, error);
        });
    }

    Result<std::vector<std::uint32_t>> try_demand_points() const {
        return detail::list<std::uint32_t>([&](auto *nodes, std::size_t capacity, auto *count, auto *error) {
            return patrol_area_get_demand_points(get(), nodes, capacity, count, error);
        });
    }

    // xy: [count, 2]
    Result<NearestNodes> try_nearest_nodes(View<const double> xy) const {
        const std::size_t count = xy.size() / 2;
        NearestNodes nearest{std::vector<std::uint32_t>(count), std::vector<float>(count)};
        patrol_error error{};
        if (patrol_area_nearest_nodes(get(), xy.data(), count, nearest.nodes.data(), nearest.metres.data(), &error) !=
            PATROL_OK)
            return error;
        return nearest;
    }

    // [origins, destinations], row = origin
    Result<std::vector<float>> try_travel_times(std::uint32_t mode, View<const std::uint32_t> origins,
                                                View<const std::uint32_t> destinations) const {
        std::vector<float> seconds(origins.size() * destinations.size());
        patrol_error error{};
        if (patrol_area_travel_times(get(), mode, origins.data(), origins.size(), destinations.data(),
                                     destinations.size(), seconds.data(), &error) != PATROL_OK)
            return error;
        return seconds;
    }

    // [2, PATROL_WEEK_HOURS]: patrol, then emergency, by hour from Monday 00:00
    Result<std::vector<float>> try_travel_factors() const {
        std::vector<float> factors(2 * PATROL_WEEK_HOURS);
        patrol_error error{};
        if (patrol_area_get_travel_factors(get(), factors.data(), &error) != PATROL_OK) return error;
        return factors;
    }

    Result<Path> try_path(std::uint32_t mode, std::uint32_t origin, std::uint32_t destination) const {
        float seconds = 0.0f;
        auto nodes = detail::list<std::uint32_t>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_area_path(get(), mode, origin, destination, data, capacity, count, &seconds, error);
        });
        if (!nodes) return nodes.error();
        return Path{*std::move(nodes), seconds};
    }

#if PATROL_HAS_EXCEPTIONS
    static Area create(const patrol_area_arrays &arrays, const patrol_area_options &options = AreaOptions()) {
        return try_create(arrays, options).value();
    }
    static Area load(const std::string &path, const patrol_area_options &options = AreaOptions()) {
        return try_load(path, options).value();
    }
    static Area load(View<const std::byte> bytes, const patrol_area_options &options = AreaOptions()) {
        return try_load(bytes, options).value();
    }
    patrol_area_info info() const { return try_info().value(); }
    std::vector<std::uint32_t> patrol_locations() const { return try_patrol_locations().value(); }
    std::vector<std::uint32_t> demand_points() const { return try_demand_points().value(); }
    NearestNodes nearest_nodes(View<const double> xy) const { return try_nearest_nodes(xy).value(); }
    std::vector<float> travel_times(std::uint32_t mode, View<const std::uint32_t> origins,
                                    View<const std::uint32_t> destinations) const {
        return try_travel_times(mode, origins, destinations).value();
    }
    std::vector<float> travel_factors() const { return try_travel_factors().value(); }
    Path path(std::uint32_t mode, std::uint32_t origin, std::uint32_t destination) const {
        return try_path(mode, origin, destination).value();
    }
#endif

    const patrol_area *get() const noexcept { return owner_.get(); }
    explicit Area(patrol_area *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    detail::Owner<patrol_area, patrol_area_destroy> owner_;
};

// ---------------------------------------------------------------------------------------------------------------------
// Policy
// ---------------------------------------------------------------------------------------------------------------------

// The strings live as long as the policy.
struct Tensor {
    std::string_view name;
    std::string_view dtype;
    std::vector<std::uint64_t> shape;
};

struct Metadata {
    std::string_view key;
    std::string_view value;
};

class Policy {
public:
    static Result<Policy> try_load(const std::string &path) {
        return detail::create<Policy, patrol_policy>(
            [&](auto **policy, auto *error) { return patrol_policy_load_file(path.c_str(), policy, error); });
    }

    static Result<Policy> try_load(View<const std::byte> bytes) {
        return detail::create<Policy, patrol_policy>([&](auto **policy, auto *error) {
            return patrol_policy_load_memory(bytes.data(), bytes.size(), policy, error);
        });
    }

    Result<patrol_policy_info> try_info() const {
        return detail::fill(patrol_policy_info PATROL_POLICY_INFO_INIT,
                            [&](auto *info, auto *error) { return patrol_policy_get_info(get(), info, error); });
    }

    Result<Tensor> try_tensor(std::uint32_t index) const {
        const char *name = nullptr, *dtype = nullptr;
        std::uint64_t shape[8] = {};
        std::uint32_t rank = 0;
        patrol_error error{};
        if (patrol_policy_get_tensor(get(), index, &name, &dtype, shape, &rank, &error) != PATROL_OK) return error;
        return Tensor{name, dtype, std::vector<std::uint64_t>(shape, shape + rank)};
    }

    Result<Metadata> try_metadata(std::uint32_t index) const {
        const char *key = nullptr, *value = nullptr;
        patrol_error error{};
        if (patrol_policy_get_metadata(get(), index, &key, &value, &error) != PATROL_OK) return error;
        return Metadata{key, value};
    }

    // input: [rows, input_width]; gives [rows]
    Result<std::vector<float>> try_evaluate(const std::string &network, std::size_t input_width,
                                            View<const float> input) const {
        std::vector<float> output(input_width == 0 ? 0 : input.size() / input_width);
        patrol_error error{};
        if (patrol_policy_evaluate(get(), network.c_str(), output.size(), input_width, input.data(), output.data(),
                                   &error) != PATROL_OK)
            return error;
        return output;
    }

#if PATROL_HAS_EXCEPTIONS
    static Policy load(const std::string &path) { return try_load(path).value(); }
    static Policy load(View<const std::byte> bytes) { return try_load(bytes).value(); }
    patrol_policy_info info() const { return try_info().value(); }
    Tensor tensor(std::uint32_t index) const { return try_tensor(index).value(); }
    Metadata metadata(std::uint32_t index) const { return try_metadata(index).value(); }
    std::vector<float> evaluate(const std::string &network, std::size_t input_width, View<const float> input) const {
        return try_evaluate(network, input_width, input).value();
    }
#endif

    const patrol_policy *get() const noexcept { return owner_.get(); }
    explicit Policy(patrol_policy *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    detail::Owner<patrol_policy, patrol_policy_destroy> owner_;
};

// ---------------------------------------------------------------------------------------------------------------------
// Engine and session
// ---------------------------------------------------------------------------------------------------------------------

class Engine {
public:
    static Result<Engine> try_create(const Area &area, const patrol_engine_options &options = EngineOptions()) {
        return try_join(area, nullptr, options);
    }

    static Result<Engine> try_create(const Area &area, const Policy &policy,
                                     const patrol_engine_options &options = EngineOptions()) {
        return try_join(area, policy.get(), options);
    }

    // A decision as bytes, for `try_replay`.
    Result<std::vector<std::uint8_t>> try_record(const patrol_snapshot &snapshot, const Answer &decision,
                                                 const patrol_decide_options &options = DecideOptions()) const {
        const patrol_answer answer = detail::answer(const_cast<Answer &>(decision)); // only read
        return detail::list<std::uint8_t>([&](auto *bytes, std::size_t capacity, auto *size, auto *error) {
            return patrol_decision_record(get(), &snapshot, &options, &answer, bytes, capacity, size, error);
        });
    }

    // The same, naming the record before it; an empty one: it is the first of a chain.
    Result<std::vector<std::uint8_t>> try_record_after(View<const std::uint8_t> previous,
                                                       const patrol_snapshot &snapshot, const Answer &decision,
                                                       const patrol_decide_options &options = DecideOptions()) const {
        const patrol_answer answer = detail::answer(const_cast<Answer &>(decision)); // only read
        return detail::list<std::uint8_t>([&](auto *bytes, std::size_t capacity, auto *size, auto *error) {
            return patrol_decision_record_after(get(), &snapshot, &options, &answer, previous.data(), previous.size(),
                                                bytes, capacity, size, error);
        });
    }

    // A record of this engine as JSON, its rules included.
    Result<std::string> try_json(View<const std::uint8_t> record) const {
        auto text = detail::list<char>([&](auto *data, std::size_t capacity, auto *length, auto *error) {
            return patrol_decision_json(get(), record.data(), record.size(), data, capacity, length, error);
        });
        if (!text) return text.error();
        return std::string(text->begin(), text->end());
    }

    // Repeats the recorded decision; the error says where the two differ.
    Result<void> try_replay(View<const std::uint8_t> record,
                            const patrol_replay_options &options = PATROL_REPLAY_OPTIONS_INIT) const {
        patrol_error error{};
        const auto *bytes = record.data();
        if (patrol_decision_replay_within(get(), bytes, record.size(), &options, nullptr, &error) != PATROL_OK)
            return error;
        return {};
    }

#if PATROL_HAS_EXCEPTIONS
    static Engine create(const Area &area, const patrol_engine_options &options = EngineOptions()) {
        return try_create(area, options).value();
    }
    static Engine create(const Area &area, const Policy &policy,
                         const patrol_engine_options &options = EngineOptions()) {
        return try_create(area, policy, options).value();
    }
    std::vector<std::uint8_t> record(const patrol_snapshot &snapshot, const Answer &decision,
                                     const patrol_decide_options &options = DecideOptions()) const {
        return try_record(snapshot, decision, options).value();
    }
    std::vector<std::uint8_t> record_after(View<const std::uint8_t> previous, const patrol_snapshot &snapshot,
                                           const Answer &decision,
                                           const patrol_decide_options &options = DecideOptions()) const {
        return try_record_after(previous, snapshot, decision, options).value();
    }
    std::string json(View<const std::uint8_t> record) const { return try_json(record).value(); }
    void replay(View<const std::uint8_t> record,
                const patrol_replay_options &options = PATROL_REPLAY_OPTIONS_INIT) const {
        try_replay(record, options).value();
    }
#endif

    // Another owner of the same engine, as for another thread.
    Engine share() const noexcept {
        patrol_engine_retain(owner_.get());
        return Engine(owner_.get());
    }

    const patrol_engine *get() const noexcept { return owner_.get(); }
    explicit Engine(patrol_engine *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    static Result<Engine> try_join(const Area &area, const patrol_policy *policy,
                                   const patrol_engine_options &options) {
        return detail::create<Engine, patrol_engine>([&](auto **engine, auto *error) {
            return patrol_engine_create(area.get(), policy, &options, engine, error);
        });
    }

    detail::Owner<patrol_engine, patrol_engine_destroy> owner_;
};

// What a decision is based on: the pairs, or the candidates, each with a row of features.
struct Candidates {
    std::vector<Candidate> candidates;
    std::vector<float> features; // [candidates, PATROL_CANDIDATE_FEATURES]
};

struct Pairs {
    std::vector<Pair> pairs;
    std::vector<float> features; // [pairs, PATROL_PAIR_FEATURES]
    std::vector<float> deltas;   // [pairs, PATROL_STATE_FEATURES]
    std::vector<float> state;    // [PATROL_STATE_FEATURES]
};

// Working memory: one thread at a time.
class Session {
public:
    static Result<Session> try_create(const Engine &engine, std::uint32_t max_units, std::uint32_t max_incidents) {
        return detail::create<Session, patrol_session>([&](auto **session, auto *error) {
            return patrol_session_create(engine.get(), max_units, max_incidents, session, error);
        });
    }

    // The memory that such a session takes.
    static Result<std::uint64_t> try_bytes(const Engine &engine, std::uint32_t max_units, std::uint32_t max_incidents) {
        return detail::fill(std::uint64_t{0}, [&](auto *bytes, auto *error) {
            return patrol_session_bytes(engine.get(), max_units, max_incidents, bytes, error);
        });
    }

    // Decides with another engine of the same area from now on, in the memory that the session has.
    Result<void> try_move(const Engine &engine) {
        patrol_error error{};
        if (patrol_session_move(owner_.get(), engine.get(), &error) != PATROL_OK) return error;
        return {};
    }

    // Decides into `decision`, which is empty on failure. Allocates nothing once its vectors have grown.
    Result<void> try_decide(const patrol_snapshot &snapshot, Answer &decision,
                            const patrol_decide_options &options = DecideOptions()) {
        patrol_answer answer = room(snapshot, decision);
        patrol_error error{};
        const auto status = patrol_decide(owner_.get(), &snapshot, &options, &answer, &error);
        return take(status, answer, error, decision);
    }

    // Decides each of `snapshots` into the decision of the same index, which is empty where that fails; what each gave.
    Result<std::vector<Result<void>>> try_decide_many(const std::vector<patrol_snapshot> &snapshots,
                                                      std::vector<Answer> &decisions,
                                                      const patrol_decide_options &options = DecideOptions()) {
        decisions.resize(snapshots.size());
        std::vector<patrol_answer> answers;
        for (std::size_t k = 0; k < snapshots.size(); k += 1) answers.push_back(room(snapshots[k], decisions[k]));
        std::vector<std::int32_t> statuses(snapshots.size());
        std::vector<patrol_error> errors(snapshots.size());
        patrol_error error{};
        const auto status =
            patrol_decide_many(owner_.get(), snapshots.data(), sizeof(patrol_snapshot), snapshots.size(), &options,
                               answers.data(), sizeof(patrol_answer), statuses.data(), errors.data(), &error);
        if (status != PATROL_OK) return error;
        std::vector<Result<void>> given;
        for (std::size_t k = 0; k < snapshots.size(); k += 1)
            given.push_back(take(statuses[k], answers[k], errors[k], decisions[k]));
        return given;
    }

private:
    // The struct for an answer to a snapshot, which points into the decision's vectors.
    static patrol_answer room(const patrol_snapshot &snapshot, Answer &decision) {
        decision.moves.resize(snapshot.unit_count);
        decision.assignments.resize(snapshot.unit_count);
        decision.waits.resize(snapshot.incident_count);
        decision.issues.resize(snapshot.unit_count + snapshot.incident_count + 256); // as many as the library keeps
        decision.plans.resize(decision.wants_plans ? snapshot.unit_count : 0);
        return detail::answer(decision);
    }

    static Result<void> take(std::int32_t status, const patrol_answer &answer, const patrol_error &error,
                             Answer &decision) {
        const bool decided = status == PATROL_OK;
        decision.moves.resize(decided ? answer.move_count : 0);
        decision.assignments.resize(decided ? answer.assignment_count : 0);
        decision.waits.resize(decided ? answer.wait_count : 0);
        decision.issues.resize(decided ? std::min(decision.issues.size(), answer.issue_count) : 0);
        decision.plans.resize(decided ? answer.plan_count : 0);
        if (!decided) return error;
        decision.first_issue = error;
        decision.solver_status = answer.solver_status;
        decision.objective = answer.objective;
        decision.bound = answer.bound;
        decision.relative_gap = answer.relative_gap;
        decision.nodes = answer.nodes;
        decision.microseconds = answer.microseconds;
        decision.routing_microseconds = answer.routing_microseconds;
        decision.setup_microseconds = answer.setup_microseconds;
        decision.solver_microseconds = answer.solver_microseconds;
        decision.patrol_microseconds = answer.patrol_microseconds;
        decision.abstained = answer.abstained;
        return {};
    }

public:
    // The shortest useful deadline on this machine, microseconds; takes as long as a few decisions.
    Result<std::uint64_t> try_least_deadline() {
        return detail::fill(std::uint64_t{0}, [&](auto *microseconds, auto *error) {
            return patrol_session_least_deadline(owner_.get(), microseconds, error);
        });
    }

    Result<Candidates> try_candidates(const patrol_snapshot &snapshot, std::uint64_t unit_id,
                                      const patrol_decide_options &options = in_any_time()) {
        Candidates found;
        auto list = detail::list<Candidate>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            found.features.resize(capacity * PATROL_CANDIDATE_FEATURES);
            return patrol_unit_candidates_within(owner_.get(), &snapshot, &options, unit_id, data, capacity,
                                                 sizeof *data, count, capacity == 0 ? nullptr : found.features.data(),
                                                 error);
        });
        if (!list) return list.error();
        found.candidates = *std::move(list);
        return found;
    }

    Result<Pairs> try_eligible_pairs(const patrol_snapshot &snapshot,
                                     const patrol_decide_options &options = in_any_time()) {
        Pairs found;
        found.state.resize(PATROL_STATE_FEATURES);
        auto list = detail::list<Pair>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            found.features.resize(capacity * PATROL_PAIR_FEATURES);
            found.deltas.resize(capacity * PATROL_STATE_FEATURES);
            return patrol_eligible_pairs_within(owner_.get(), &snapshot, &options, data, capacity, sizeof *data, count,
                                                capacity == 0 ? nullptr : found.features.data(),
                                                capacity == 0 ? nullptr : found.deltas.data(), found.state.data(),
                                                error);
        });
        if (!list) return list.error();
        found.pairs = *std::move(list);
        return found;
    }

    // Why each assignment is made.
    Result<std::vector<Explanation>> try_explain(const patrol_snapshot &snapshot,
                                                 const patrol_decide_options &options = DecideOptions()) {
        const auto call = [&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_explain(owner_.get(), &snapshot, &options, data, capacity, sizeof *data, count, error);
        };
        return detail::at_most<Explanation>(snapshot.unit_count, call);
    }

    // Why each assignment of one call is made.
    Result<std::vector<Explanation>> try_explain_call(const patrol_snapshot &snapshot, std::uint64_t incident_id,
                                                      const patrol_decide_options &options = DecideOptions()) {
        const auto call = [&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_explain_call(owner_.get(), &snapshot, &options, incident_id, data, capacity, sizeof *data,
                                       count, error);
        };
        return detail::at_most<Explanation>(snapshot.unit_count, call);
    }

    // Why a unit is not sent to a call.
    Result<PairExplanation> try_explain_pair(const patrol_snapshot &snapshot, std::uint64_t unit_id,
                                             std::uint64_t incident_id,
                                             const patrol_decide_options &options = DecideOptions()) {
        patrol_error error{};
        PairExplanation found PATROL_PAIR_EXPLANATION_INIT;
        if (patrol_explain_pair(owner_.get(), &snapshot, &options, unit_id, incident_id, &found, &error) != PATROL_OK)
            return error;
        return found;
    }

    // The eligible units for one call, best first; nearest first, with a worth of NAN, where the time ends before.
    Result<std::vector<RankedUnit>> try_rank_units(const patrol_snapshot &snapshot, std::uint64_t incident_id,
                                                   const patrol_decide_options &options = in_any_time()) {
        const auto call = [&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_rank_units_within(owner_.get(), &snapshot, &options, incident_id, data, capacity,
                                            sizeof *data, count, error);
        };
        return detail::at_most<RankedUnit>(snapshot.unit_count, call);
    }

    // The dispatch program in LP format.
    Result<std::string> try_program(const patrol_snapshot &snapshot,
                                    const patrol_decide_options &options = in_any_time()) {
        auto text = detail::list<char>([&](auto *data, std::size_t capacity, auto *size, auto *error) {
            return patrol_write_program_within(owner_.get(), &snapshot, &options, data, capacity, size, error);
        });
        if (!text) return text.error();
        return std::string(text->begin(), text->end());
    }

#if PATROL_HAS_EXCEPTIONS
    static Session create(const Engine &engine, std::uint32_t max_units, std::uint32_t max_incidents) {
        return try_create(engine, max_units, max_incidents).value();
    }
    void decide(const patrol_snapshot &snapshot, Answer &decision,
                const patrol_decide_options &options = DecideOptions()) {
        try_decide(snapshot, decision, options).value();
    }
    static std::uint64_t bytes(const Engine &engine, std::uint32_t max_units, std::uint32_t max_incidents) {
        return try_bytes(engine, max_units, max_incidents).value();
    }
    void move(const Engine &engine) { try_move(engine).value(); }
    std::uint64_t least_deadline() { return try_least_deadline().value(); }
    Answer decide(const patrol_snapshot &snapshot, const patrol_decide_options &options = DecideOptions()) {
        Answer decision;
        try_decide(snapshot, decision, options).value();
        return decision;
    }
    Candidates candidates(const patrol_snapshot &snapshot, std::uint64_t unit_id,
                          const patrol_decide_options &options = in_any_time()) {
        return try_candidates(snapshot, unit_id, options).value();
    }
    Pairs eligible_pairs(const patrol_snapshot &snapshot, const patrol_decide_options &options = in_any_time()) {
        return try_eligible_pairs(snapshot, options).value();
    }
    std::vector<Explanation> explain(const patrol_snapshot &snapshot,
                                     const patrol_decide_options &options = DecideOptions()) {
        return try_explain(snapshot, options).value();
    }
    std::vector<Explanation> explain_call(const patrol_snapshot &snapshot, std::uint64_t incident_id,
                                          const patrol_decide_options &options = DecideOptions()) {
        return try_explain_call(snapshot, incident_id, options).value();
    }
    PairExplanation explain_pair(const patrol_snapshot &snapshot, std::uint64_t unit_id, std::uint64_t incident_id,
                                 const patrol_decide_options &options = DecideOptions()) {
        return try_explain_pair(snapshot, unit_id, incident_id, options).value();
    }
    std::vector<RankedUnit> rank_units(const patrol_snapshot &snapshot, std::uint64_t incident_id,
                                       const patrol_decide_options &options = in_any_time()) {
        return try_rank_units(snapshot, incident_id, options).value();
    }
    std::string program(const patrol_snapshot &snapshot, const patrol_decide_options &options = in_any_time()) {
        return try_program(snapshot, options).value();
    }
#endif

    patrol_session *get() const noexcept { return owner_.get(); }
    explicit Session(patrol_session *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    detail::Owner<patrol_session, patrol_session_destroy> owner_;
};

// ---------------------------------------------------------------------------------------------------------------------
// The assignment solver by itself
// ---------------------------------------------------------------------------------------------------------------------

struct Matching {
    std::vector<std::int32_t> columns; // of each row, or -1
    double objective = 0.0;
};

// values: [rows, columns], row-major; -infinity: forbidden. complete: every row (or column, if fewer) is assigned.
inline Result<Matching> try_solve_assignment(View<const double> values, std::size_t rows, std::size_t columns,
                                             bool complete = false) {
    Matching matching{std::vector<std::int32_t>(rows), 0.0};
    patrol_error error{};
    if (patrol_assignment_solve(values.data(), rows, columns, complete ? 1 : 0, matching.columns.data(),
                                &matching.objective, &error) != PATROL_OK)
        return error;
    return matching;
}

#if PATROL_HAS_EXCEPTIONS
inline void check_version() { try_check_version().value(); }

inline Matching solve_assignment(View<const double> values, std::size_t rows, std::size_t columns,
                                 bool complete = false) {
    return try_solve_assignment(values, rows, columns, complete).value();
}
#endif

} // namespace abi_1
} // namespace patrol

#endif
