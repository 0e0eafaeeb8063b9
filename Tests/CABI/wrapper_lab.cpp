// The C++ wrapper of the simulator and the trainer, with and without exceptions: ownership, results, and agreement with the C functions.
#include <cstring>
#include <patrol_lab.hpp>
#include <patrol_lab.hpp>

#include "training.h"

static_assert(std::is_move_constructible_v<patrol::Simulation> && !std::is_copy_constructible_v<patrol::Simulation>);
static_assert(std::is_nothrow_move_assignable_v<patrol::Trainer> && !std::is_copy_constructible_v<patrol::Trainer>);
static_assert(std::is_nothrow_move_assignable_v<patrol::Scenario> && std::is_nothrow_move_assignable_v<patrol::Batch>);

namespace {

// Takes the value out, or ends the test.
template <class T>
T must(patrol::Result<T> result) {
    if (!result) {
        std::fprintf(stderr, "%s: %s\n", result.error().status_name(), result.error().what());
        std::exit(2);
    }
    return *std::move(result);
}

struct World {
    patrol::Area area{city_area()};
    patrol::Scenario scenario{lab_scenario(area.get())};
    patrol::Engine engine{lab_engine(area.get(), "marginal_coverage", "minimum_weighted_travel")};
};

void check_creation() {
    World world;
    lab l;
    lab_init(&l);
    CHECK(patrol::Scenario::try_create(world.area, l.arrays));
    l.units[1].start_node = 9;
    const auto refused = patrol::Scenario::try_create(world.area, l.arrays);
    CHECK(!refused && refused.error().status() == PATROL_ERROR_OUT_OF_RANGE);
    CHECK(must(patrol::try_post_seconds(world.engine, 1)) > must(patrol::try_post_seconds(world.engine, 3)));
    patrol::ScenarioArrays defaults;
    defaults.unit_count = 2;
    CHECK(patrol::Scenario::try_create(world.area, defaults));
}

// The wrapper's calls come to what the C calls come to.
void check_simulation() {
    static lab_trace expected;
    World world;
    patrol_simulation *plain = lab_simulation(world.scenario.get(), world.engine.get(), 4);
    MUST(patrol_simulation_run(plain, 20000.0, error));
    lab_read(plain, &expected);
    patrol_simulation_destroy(plain);

    patrol::SimulationOptions options;
    options.seed = 4;
    options.event_capacity = LAB_EVENTS;
    patrol::Simulation simulation = must(patrol::Simulation::try_create(world.scenario, world.engine, options));
    int dispatches = 0, patrols = 0;
    for (;;) {
        const std::int32_t due = must(simulation.try_step(20000.0));
        if (due == PATROL_DUE_NOTHING) break;
        const patrol::SimulationSnapshot sight = must(simulation.try_snapshot());
        CHECK(sight.units.size() == LAB_UNITS && sight.incidents.size() == must(simulation.try_state()).open_incidents);
        for (std::size_t k = 0; k < LAB_UNITS; k += 1) CHECK(sight.units[k].id == 70 + k);
        if (due == PATROL_DUE_DISPATCH) {
            const patrol::Pairs pairs = must(simulation.try_pairs());
            CHECK(pairs.features.size() == pairs.pairs.size() * PATROL_PAIR_FEATURES);
            dispatches += 1;
        }
        for (std::uint32_t unit = 0; unit < LAB_UNITS; unit += 1) {
            if (sight.due[unit] == 0) continue;
            const patrol::Candidates found = must(simulation.try_candidates(unit));
            CHECK(found.features.size() == found.candidates.size() * PATROL_CANDIDATE_FEATURES);
            const patrol::Candidate *best = &found.candidates[0];
            for (const patrol::Candidate &candidate : found.candidates)
                if (candidate.value > best->value) best = &candidate;
            CHECK(simulation.try_move(unit, best->node));
            CHECK(simulation.try_move(unit, best->node).error().status() == PATROL_ERROR_INVALID_ARGUMENT);
            patrols += 1;
        }
        CHECK(simulation.try_decide());
    }
    const std::vector<patrol::SimulationEvent> events = must(simulation.try_read_events(LAB_EVENTS));
    CHECK(dispatches > 0 && patrols > 10 && events.size() == expected.count);
    CHECK(std::memcmp(events.data(), expected.events, events.size() * sizeof events[0]) == 0);
    const patrol_metrics metrics = must(simulation.try_metrics());
    CHECK(metrics.calls > 0 && metrics.calls == metrics.served + metrics.lost + metrics.open);
    CHECK(must(simulation.try_responses(PATROL_CLASS_GROUP)).size() == 2);
    CHECK(must(simulation.try_unit_times()).size() == LAB_UNITS);
    CHECK(!simulation.try_responses(7) && !simulation.try_snapshot() && !simulation.try_assign(0, 0));
    patrol::Simulation copy = must(patrol::Simulation::try_create(world.scenario, world.engine));
    CHECK(copy.try_copy(simulation) && must(copy.try_metrics()).calls == metrics.calls);
    CHECK(copy.try_copy(simulation, false) && must(copy.try_metrics()).calls == 0 && copy.try_renew_future(2));
    CHECK(copy.try_copy(copy).error().status() == PATROL_ERROR_INVALID_ARGUMENT);
    CHECK(simulation.try_restart(5) && must(simulation.try_state()).time_seconds == 0.0);
    CHECK(simulation.try_run(NAN).error().status() == PATROL_ERROR_INVALID_NUMBER);
}

void check_batch() {
    World world;
    patrol::BatchOptions options;
    options.simulations = 4;
    patrol::Batch batch = must(patrol::Batch::try_create(world.scenario, world.engine, options));
    patrol::BatchRows rows(4, must(batch.try_width()));
    CHECK(batch.try_step(0, 4, {}, rows));
    std::vector<std::int32_t> choices(4, 0);
    CHECK(rows.moves[3] > 1 && rows.nodes[0] < CITY_NODES && rows.interrupted[2] == 1 && rows.features[20] == 1.0f);
    CHECK(batch.try_step(0, 2, choices, rows) && batch.try_step(2, 2, choices, rows));
    choices[3] = 99;
    CHECK(batch.try_step(0, 4, choices, rows).error().status() == PATROL_ERROR_OUT_OF_RANGE);
    options.simulations = 0;
    CHECK(!patrol::Batch::try_create(world.scenario, world.engine, options));
}

// Through a checkpoint to what the C calls come to.
void check_trainer() {
    static training_file expected;
    World world;
    patrol::TrainerOptions options;
    training_options(&options);
    patrol_trainer *plain = training_accepted(world.scenario.get(), world.engine.get(), &options);
    training_checkpoint(plain, &expected);
    patrol_trainer_destroy(plain);

    patrol::Trainer begun = must(patrol::Trainer::try_create(world.scenario, world.engine, options));
    CHECK(begun.try_policies().error().status() == PATROL_ERROR_INVALID_ARGUMENT && !begun.try_policy_file());
    CHECK(must(begun.try_advance()).kind == PATROL_PHASE_HEURISTIC && must(begun.try_outcomes()).empty());
    const patrol_scenario *scenarios[] = {world.scenario.get()};
    const patrol_engine *engines[] = {world.engine.get(), world.engine.get()};
    CHECK(!patrol::Trainer::try_create(scenarios, engines, options));
    patrol::Trainer trainer =
        must(patrol::Trainer::try_create(scenarios, patrol::View<const patrol_engine *const>(engines, 1), options));
    CHECK(trainer.try_restore(must(begun.try_checkpoint())));
    while (must(trainer.try_advance()).kind != PATROL_PHASE_NONE) {
    }
    const std::vector<std::uint8_t> checkpoint = must(trainer.try_checkpoint());
    CHECK(checkpoint.size() == expected.size && std::memcmp(checkpoint.data(), expected.bytes, expected.size) == 0);
    const auto policies = must(trainer.try_policies());
    CHECK(must(trainer.try_outcomes()).size() == 3 && (policies.patrol == "learned" || policies.dispatch == "learned"));
    const std::vector<std::pair<std::string, std::string>> metadata{{"scenario", "tests"}};
    const std::vector<std::uint8_t> file = must(trainer.try_policy_file(metadata));
    const auto *bytes = reinterpret_cast<const std::byte *>(file.data());
    CHECK(patrol::Policy::try_load(patrol::View<const std::byte>(bytes, file.size())));
    CHECK(trainer.try_restore(file).error().status() == PATROL_ERROR_INVALID_FILE);
}

#if PATROL_HAS_EXCEPTIONS
void check_exceptions() {
    World world;
    patrol::TrainerOptions options;
    training_options(&options);
    patrol::Trainer trainer = patrol::Trainer::create(world.scenario, world.engine, options);
    trainer.restore(trainer.checkpoint());
    CHECK(trainer.advance().phase_count == 3 && trainer.outcomes().empty());
    patrol::Simulation simulation = patrol::Simulation::create(world.scenario, world.engine);
    simulation.run(7200.0);
    CHECK(simulation.state().time_seconds == 7200.0 && simulation.metrics().seconds == 7200.0);
    patrol::Simulation rollout = patrol::Simulation::create(world.scenario, world.engine);
    rollout.copy(simulation, false);
    rollout.renew_future(3);
    CHECK(rollout.state().time_seconds == 7200.0 && rollout.metrics().seconds == 0.0);
    int caught = 0;
    try {
        simulation.decide();
        simulation.assign(0, 0);
    } catch (const patrol::Error &error) {
        caught += error.status() == PATROL_ERROR_INVALID_ARGUMENT;
    }
    patrol::Batch batch = patrol::Batch::create(world.scenario, world.engine);
    patrol::BatchRows rows(1, batch.width());
    try {
        batch.step(0, 2, {}, rows);
    } catch (const std::exception &error) {
        caught += std::string(error.what()).find("2") != std::string::npos;
    }
    try {
        trainer.policy_file();
    } catch (const patrol::Error &error) {
        caught += error.status() == PATROL_ERROR_INVALID_ARGUMENT;
    }
    CHECK(caught == 3);
}
#else
void check_exceptions() {}
#endif

} // namespace

int main() {
    check_creation();
    check_simulation();
    check_batch();
    check_trainer();
    check_exceptions();
    return check_done("wrapper_lab");
}
