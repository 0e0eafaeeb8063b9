// patrol_lab.hpp: the simulator and trainer of libpatrol_lab for C++17 and later, on top of patrol.hpp. Everything inline, no
// symbol exported.
//
//     patrol::Scenario scenario = patrol::Scenario::create(area, arrays);
//     patrol::Simulation simulation = patrol::Simulation::create(scenario, engine);
//     simulation.run(7 * 86400.0);
//     double mean = simulation.metrics().response.mean;
//
// Semantics, units and limits are those of patrol_lab.h; the conventions are those of patrol.hpp: objects own their handle and
// move, and every function that can fail has two forms, `try_run` with a Result and, if exceptions are enabled, `run`.
#ifndef PATROL_LAB_HPP
#define PATROL_LAB_HPP

#include <patrol.hpp>
#include <patrol_lab.h>

#include <utility>

namespace patrol {
inline namespace abi_1 {

// The structs of patrol_lab.h with their defaults.
struct ScenarioArrays : patrol_scenario_arrays {
    ScenarioArrays() noexcept : patrol_scenario_arrays PATROL_SCENARIO_ARRAYS_INIT {}
};
struct SimulationOptions : patrol_simulation_options {
    SimulationOptions() noexcept : patrol_simulation_options PATROL_SIMULATION_OPTIONS_INIT {}
};
struct BatchOptions : patrol_batch_options {
    BatchOptions() noexcept : patrol_batch_options PATROL_BATCH_OPTIONS_INIT {}
};

struct TrainerOptions : patrol_trainer_options {
    TrainerOptions() noexcept : patrol_trainer_options() {
        patrol_trainer_options_init(this);
        struct_size = sizeof(patrol_trainer_options); // what was appended since has zeros for defaults
    }
};

using FleetUnit = patrol_fleet_unit;
using Shift = patrol_shift;
using CallCategory = patrol_call_category;
using Storm = patrol_storm;
using LoggedCall = patrol_logged_call;
using SimulationEvent = patrol_simulation_event;
using Response = patrol_response;
using UnitTimes = patrol_unit_times;
using PhaseOutcome = patrol_phase_outcome;
using TrainingProgress = patrol_training_progress;

// ---------------------------------------------------------------------------------------------------------------------
// Scenario
// ---------------------------------------------------------------------------------------------------------------------

class Scenario {
public:
    // The arrays are copied.
    static Result<Scenario> try_create(const Area &area, const patrol_scenario_arrays &arrays) {
        return detail::create<Scenario, patrol_scenario>(
            [&](auto **scenario, auto *error) { return patrol_scenario_create(area.get(), &arrays, scenario, error); });
    }

#if PATROL_HAS_EXCEPTIONS
    static Scenario create(const Area &area, const patrol_scenario_arrays &arrays) {
        return try_create(area, arrays).value();
    }
#endif

    const patrol_scenario *get() const noexcept { return owner_.get(); }
    explicit Scenario(patrol_scenario *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    detail::Owner<patrol_scenario, patrol_scenario_destroy> owner_;
};

// Mean travel seconds from the nearest of `unit_count` posts.
inline Result<float> try_post_seconds(const Engine &engine, std::uint32_t unit_count) {
    return detail::fill(0.0f, [&](auto *seconds, auto *error) {
        return patrol_engine_post_seconds(engine.get(), unit_count, seconds, error);
    });
}

// ---------------------------------------------------------------------------------------------------------------------
// Simulation
// ---------------------------------------------------------------------------------------------------------------------

// The snapshot for a decision that is due.
struct SimulationSnapshot {
    std::vector<patrol_unit> units;
    std::vector<patrol_incident> incidents;
    std::vector<float> travel_seconds; // [units, incidents]
    std::vector<std::uint8_t> due;     // [units]: 1 if a patrol decision is due
};

// A city in motion: one thread at a time.
class Simulation {
public:
    static Result<Simulation> try_create(const Scenario &scenario, const Engine &engine,
                                         const patrol_simulation_options &options = SimulationOptions()) {
        return detail::create<Simulation, patrol_simulation>([&](auto **simulation, auto *error) {
            return patrol_simulation_create(scenario.get(), engine.get(), &options, simulation, error);
        });
    }

    Result<void> try_restart(std::uint64_t seed) {
        return done([&](auto *error) { return patrol_simulation_restart(get(), seed, error); });
    }

    Result<void> try_run(double until_seconds) {
        return done([&](auto *error) { return patrol_simulation_run(get(), until_seconds, error); });
    }

    // Runs to the next decision: PATROL_DUE_...
    Result<std::int32_t> try_step(double until_seconds) {
        return detail::fill(std::int32_t{PATROL_DUE_NOTHING}, [&](auto *due, auto *error) {
            return patrol_simulation_step(get(), until_seconds, due, error);
        });
    }

    // The engine decides what is left of the decision.
    Result<void> try_decide() {
        return done([&](auto *error) { return patrol_simulation_decide(get(), error); });
    }

    Result<void> try_assign(std::uint32_t unit, std::uint32_t incident) {
        return done([&](auto *error) { return patrol_simulation_assign(get(), unit, incident, error); });
    }

    Result<void> try_move(std::uint32_t unit, std::uint32_t node) {
        return done([&](auto *error) { return patrol_simulation_move(get(), unit, node, error); });
    }

    // Copies the current state of another simulation of the same scenario; the copy measures only if asked to.
    Result<void> try_copy(const Simulation &other, bool measuring = true) {
        return done([&](auto *error) { return patrol_simulation_copy(get(), other.get(), measuring ? 1 : 0, error); });
    }

    // Draws again everything that is not yet known: equal seeds, equal futures.
    Result<void> try_renew_future(std::uint64_t seed) {
        return done([&](auto *error) { return patrol_simulation_renew_future(get(), seed, error); });
    }

    Result<patrol_simulation_state> try_state() {
        return detail::fill(patrol_simulation_state PATROL_SIMULATION_STATE_INIT,
                            [&](auto *state, auto *error) { return patrol_simulation_get_state(get(), state, error); });
    }

    Result<SimulationSnapshot> try_snapshot() {
        SimulationSnapshot sight;
        patrol_error error{};
        std::size_t units = 0, incidents = 0;
        if (patrol_simulation_get_snapshot(get(), nullptr, 0, 0, &units, nullptr, 0, 0, &incidents, nullptr, nullptr,
                                           nullptr, &error) != PATROL_OK)
            return error;
        sight.units.resize(units);
        sight.incidents.resize(incidents);
        sight.travel_seconds.resize(units * incidents);
        sight.due.resize(units);
        if (patrol_simulation_get_snapshot(get(), sight.units.data(), units, sizeof(patrol_unit), &units,
                                           sight.incidents.data(), incidents, sizeof(patrol_incident), &incidents,
                                           sight.travel_seconds.data(), nullptr, sight.due.data(), &error) != PATROL_OK)
            return error;
        return sight;
    }

    Result<Candidates> try_candidates(std::uint32_t unit) {
        Candidates found;
        auto list = detail::list<Candidate>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            found.features.resize(capacity * PATROL_CANDIDATE_FEATURES);
            return patrol_simulation_get_candidates(get(), unit, data, capacity, sizeof *data, count,
                                                    capacity == 0 ? nullptr : found.features.data(), error);
        });
        if (!list) return list.error();
        found.candidates = *std::move(list);
        return found;
    }

    Result<Pairs> try_pairs() {
        Pairs found;
        found.state.resize(PATROL_STATE_FEATURES);
        auto list = detail::list<Pair>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            found.features.resize(capacity * PATROL_PAIR_FEATURES);
            found.deltas.resize(capacity * PATROL_STATE_FEATURES);
            return patrol_simulation_get_pairs(
                get(), data, capacity, sizeof *data, count, capacity == 0 ? nullptr : found.features.data(),
                capacity == 0 ? nullptr : found.deltas.data(), found.state.data(), error);
        });
        if (!list) return list.error();
        found.pairs = *std::move(list);
        return found;
    }

    // Reads and removes the oldest events, at most `most` of them.
    Result<std::vector<SimulationEvent>> try_read_events(std::size_t most) {
        return detail::at_most<SimulationEvent>(most, [&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_simulation_read_events(get(), data, capacity, sizeof *data, count, error);
        });
    }

    Result<patrol_metrics> try_metrics() {
        return detail::fill(patrol_metrics PATROL_METRICS_INIT, [&](auto *metrics, auto *error) {
            return patrol_simulation_get_metrics(get(), metrics, error);
        });
    }

    // One row for each class: PATROL_CLASS_...
    Result<std::vector<Response>> try_responses(std::int32_t call_class) {
        return detail::list<Response>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_simulation_get_responses(get(), call_class, data, capacity, sizeof *data, count, error);
        });
    }

    Result<std::vector<UnitTimes>> try_unit_times() {
        return detail::list<UnitTimes>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_simulation_get_unit_times(get(), data, capacity, sizeof *data, count, error);
        });
    }

#if PATROL_HAS_EXCEPTIONS
    static Simulation create(const Scenario &scenario, const Engine &engine,
                             const patrol_simulation_options &options = SimulationOptions()) {
        return try_create(scenario, engine, options).value();
    }
    void restart(std::uint64_t seed) { try_restart(seed).value(); }
    void run(double until_seconds) { try_run(until_seconds).value(); }
    std::int32_t step(double until_seconds) { return try_step(until_seconds).value(); }
    void decide() { try_decide().value(); }
    void assign(std::uint32_t unit, std::uint32_t incident) { try_assign(unit, incident).value(); }
    void move(std::uint32_t unit, std::uint32_t node) { try_move(unit, node).value(); }
    void copy(const Simulation &other, bool measuring = true) { try_copy(other, measuring).value(); }
    void renew_future(std::uint64_t seed) { try_renew_future(seed).value(); }
    patrol_simulation_state state() { return try_state().value(); }
    SimulationSnapshot snapshot() { return try_snapshot().value(); }
    Candidates candidates(std::uint32_t unit) { return try_candidates(unit).value(); }
    Pairs pairs() { return try_pairs().value(); }
    std::vector<SimulationEvent> read_events(std::size_t most) { return try_read_events(most).value(); }
    patrol_metrics metrics() { return try_metrics().value(); }
    std::vector<Response> responses(std::int32_t call_class) { return try_responses(call_class).value(); }
    std::vector<UnitTimes> unit_times() { return try_unit_times().value(); }
#endif

    patrol_simulation *get() const noexcept { return owner_.get(); }
    explicit Simulation(patrol_simulation *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    template <class Call>
    static Result<void> done(Call call) {
        patrol_error error{};
        if (call(&error) != PATROL_OK) return error;
        return {};
    }

    detail::Owner<patrol_simulation, patrol_simulation_destroy> owner_;
};

// ---------------------------------------------------------------------------------------------------------------------
// Batch
// ---------------------------------------------------------------------------------------------------------------------

// The latest output of a batch's simulations, in arrays that are reused; row k is simulation k.
struct BatchRows {
    BatchRows(std::size_t simulations, std::size_t moves_at_most)
        : width(moves_at_most), features(simulations * width * PATROL_CANDIDATE_FEATURES), moves(simulations),
          nodes(simulations * width), units(simulations), time_seconds(simulations), cumulative_cost(simulations),
          interrupted(simulations), ended(simulations), ended_cost(simulations) {}

    std::size_t width;
    std::vector<float> features; // [simulations, width, PATROL_CANDIDATE_FEATURES]
    std::vector<std::uint32_t> moves;
    std::vector<std::uint32_t> nodes; // [simulations, width]
    std::vector<std::uint32_t> units;
    std::vector<double> time_seconds;
    std::vector<double> cumulative_cost;
    std::vector<std::uint8_t> interrupted;
    std::vector<std::uint8_t> ended;
    std::vector<double> ended_cost;
};

// Many simulations; threads may step distinct ones at once.
class Batch {
public:
    static Result<Batch> try_create(const Scenario &scenario, const Engine &engine,
                                    const patrol_batch_options &options = BatchOptions()) {
        return detail::create<Batch, patrol_batch>([&](auto **batch, auto *error) {
            return patrol_batch_create(scenario.get(), engine.get(), &options, batch, error);
        });
    }

    Result<std::uint32_t> try_width() const {
        return detail::fill(std::uint32_t{0},
                            [&](auto *width, auto *error) { return patrol_batch_get_width(get(), width, error); });
    }

    // Steps simulations first ... first + count - 1. choices: [simulations], or empty for the engine's; rows: for the
    // whole batch.
    Result<void> try_step(std::size_t first, std::size_t count, View<const std::int32_t> choices, BatchRows &rows) {
        patrol_batch_arrays arrays PATROL_BATCH_ARRAYS_INIT;
        arrays.features = rows.features.data();
        arrays.moves = rows.moves.data();
        arrays.nodes = rows.nodes.data();
        arrays.units = rows.units.data();
        arrays.time_seconds = rows.time_seconds.data();
        arrays.cumulative_cost = rows.cumulative_cost.data();
        arrays.interrupted = rows.interrupted.data();
        arrays.ended = rows.ended.data();
        arrays.ended_cost = rows.ended_cost.data();
        patrol_error error{};
        if (patrol_batch_step(get(), first, count, choices.size() > 0 ? choices.data() : nullptr, &arrays, &error) !=
            PATROL_OK)
            return error;
        return {};
    }

#if PATROL_HAS_EXCEPTIONS
    static Batch create(const Scenario &scenario, const Engine &engine,
                        const patrol_batch_options &options = BatchOptions()) {
        return try_create(scenario, engine, options).value();
    }
    std::uint32_t width() const { return try_width().value(); }
    void step(std::size_t first, std::size_t count, View<const std::int32_t> choices, BatchRows &rows) {
        try_step(first, count, choices, rows).value();
    }
#endif

    patrol_batch *get() const noexcept { return owner_.get(); }
    explicit Batch(patrol_batch *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    detail::Owner<patrol_batch, patrol_batch_destroy> owner_;
};

// ---------------------------------------------------------------------------------------------------------------------
// Trainer
// ---------------------------------------------------------------------------------------------------------------------

// Names of the policies that belong together: a heuristic, or "learned".
struct PolicyPair {
    std::string_view patrol;
    std::string_view dispatch;
};

// Learns a policy file for one scenario, or for several at once: one thread at a time.
class Trainer {
public:
    static Result<Trainer> try_create(const Scenario &scenario, const Engine &engine,
                                      const patrol_trainer_options &options = TrainerOptions()) {
        const patrol_scenario *scenarios[] = {scenario.get()};
        const patrol_engine *engines[] = {engine.get()};
        return try_create(View<const patrol_scenario *const>(scenarios), View<const patrol_engine *const>(engines),
                          options);
    }

    // Handles of scenarios and engines, equally many of each.
    static Result<Trainer> try_create(View<const patrol_scenario *const> scenarios,
                                      View<const patrol_engine *const> engines,
                                      const patrol_trainer_options &options = TrainerOptions()) {
        const std::size_t count = scenarios.size() == engines.size() ? scenarios.size() : 0;
        return detail::create<Trainer, patrol_trainer>([&](auto **trainer, auto *error) {
            return patrol_trainer_create(scenarios.data(), engines.data(), count, &options, trainer, error);
        });
    }

    // One piece of work, which cannot be interrupted: until `kind` is PATROL_PHASE_NONE.
    Result<TrainingProgress> try_advance() {
        return detail::fill(TrainingProgress PATROL_TRAINING_PROGRESS_INIT, [&](auto *progress, auto *error) {
            return patrol_trainer_advance(get(), progress, error);
        });
    }

    Result<std::vector<PhaseOutcome>> try_outcomes() const {
        return detail::list<PhaseOutcome>([&](auto *data, std::size_t capacity, auto *count, auto *error) {
            return patrol_trainer_get_outcomes(get(), data, capacity, sizeof *data, count, error);
        });
    }

    Result<PolicyPair> try_policies() const {
        const char *patrol = nullptr, *dispatch = nullptr;
        patrol_error error{};
        if (patrol_trainer_get_policies(get(), &patrol, &dispatch, &error) != PATROL_OK) return error;
        return PolicyPair{patrol, dispatch};
    }

    // The policy file of the best networks so far, with additional metadata entries.
    Result<std::vector<std::uint8_t>>
    try_policy_file(View<const std::pair<std::string, std::string>> metadata = {}) const {
        std::vector<const char *> keys, values;
        for (std::size_t k = 0; k < metadata.size(); k += 1) {
            keys.push_back(metadata.data()[k].first.c_str());
            values.push_back(metadata.data()[k].second.c_str());
        }
        return detail::list<std::uint8_t>([&](auto *data, std::size_t capacity, auto *size, auto *error) {
            return patrol_trainer_write_policy(get(), keys.data(), values.data(), keys.size(), data, capacity, size,
                                               error);
        });
    }

    // The whole state between two steps.
    Result<std::vector<std::uint8_t>> try_checkpoint() const {
        return detail::list<std::uint8_t>([&](auto *data, std::size_t capacity, auto *size, auto *error) {
            return patrol_trainer_write_checkpoint(get(), data, capacity, size, error);
        });
    }

    Result<void> try_restore(View<const std::uint8_t> checkpoint) {
        patrol_error error{};
        if (patrol_trainer_read_checkpoint(get(), checkpoint.data(), checkpoint.size(), &error) != PATROL_OK)
            return error;
        return {};
    }

#if PATROL_HAS_EXCEPTIONS
    static Trainer create(const Scenario &scenario, const Engine &engine,
                          const patrol_trainer_options &options = TrainerOptions()) {
        return try_create(scenario, engine, options).value();
    }
    static Trainer create(View<const patrol_scenario *const> scenarios, View<const patrol_engine *const> engines,
                          const patrol_trainer_options &options = TrainerOptions()) {
        return try_create(scenarios, engines, options).value();
    }
    TrainingProgress advance() { return try_advance().value(); }
    std::vector<PhaseOutcome> outcomes() const { return try_outcomes().value(); }
    PolicyPair policies() const { return try_policies().value(); }
    std::vector<std::uint8_t> policy_file(View<const std::pair<std::string, std::string>> metadata = {}) const {
        return try_policy_file(metadata).value();
    }
    std::vector<std::uint8_t> checkpoint() const { return try_checkpoint().value(); }
    void restore(View<const std::uint8_t> checkpoint) { try_restore(checkpoint).value(); }
#endif

    patrol_trainer *get() const noexcept { return owner_.get(); }
    explicit Trainer(patrol_trainer *handle) noexcept : owner_(handle) {} // takes the handle over

private:
    detail::Owner<patrol_trainer, patrol_trainer_destroy> owner_;
};

} // namespace abi_1
} // namespace patrol

#endif
