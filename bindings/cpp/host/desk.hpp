// Decides one snapshot, whatever happens: by the library within its deadline, and by a plain rule where the library refuses.
#ifndef HOST_DESK_HPP
#define HOST_DESK_HPP

#include "events.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

namespace host {

// What was decided, in the caller's memory.
struct Decision {
    patrol::Answer answer;
    Source source = Source::search;
    std::string refusal; // the library's sentence, if the plain rule decided
};

// A session and the engine it came from; belongs to one thread at a time.
class Desk {
public:
    static patrol::Result<Desk> make(std::shared_ptr<const patrol::Engine> engine, std::uint32_t units,
                                     std::uint32_t calls) {
        auto session = patrol::Session::try_create(*engine, units, calls);
        if (!session) return session.error();
        return Desk(std::move(engine), *std::move(session));
    }

    void decide(const patrol::Snapshot &snapshot, const patrol::DecideOptions &options, Decision &decision) {
        decision.source = Source::search;
        auto done = session_.try_decide(snapshot, decision.answer, options);
        if (!done && done.error().status() == PATROL_ERROR_SESSION_TOO_SMALL && grow(snapshot))
            done = session_.try_decide(snapshot, decision.answer, options);
        if (!done) {
            decision.source = Source::plain_rule;
            decision.refusal = done.error().what();
            if (options.tasks & PATROL_TASK_DISPATCH) send_nearest(snapshot, decision.answer);
        } else if (options.tasks & PATROL_TASK_DISPATCH) {
            const auto status = decision.answer.solver_status;
            if (status == PATROL_SOLVER_DEADLINE || status == PATROL_SOLVER_NO_TIME) decision.source = Source::floor;
        }
    }

    const patrol::Engine &engine() const { return *engine_; }

    // The shortest deadline that leaves time for the exact heuristic.
    patrol::Result<std::uint64_t> least_deadline() { return session_.try_least_deadline(); }

private:
    Desk(std::shared_ptr<const patrol::Engine> engine, patrol::Session session)
        : engine_(std::move(engine)), session_(std::move(session)) {}

    // More calls than ever before: a storm.
    bool grow(const patrol::Snapshot &snapshot) {
        const auto room = [](std::size_t count) {
            return static_cast<std::uint32_t>(std::min<std::size_t>(2 * count, 4096));
        };
        auto larger = patrol::Session::try_create(*engine_, room(snapshot.unit_count), room(snapshot.incident_count));
        if (larger) session_ = *std::move(larger);
        return static_cast<bool>(larger);
    }

    // Most urgent call first, longest wait first, its nearest free unit in a straight line. It must work when nothing else does:
    // a human confirms what it sends.
    static void send_nearest(const patrol::Snapshot &snapshot, patrol::Answer &answer) {
        const auto *units = snapshot.units;
        const auto *calls = snapshot.incidents;
        std::vector<const patrol_unit *> free;
        for (std::size_t k = 0; k < snapshot.unit_count; k += 1)
            if (units[k].status == PATROL_UNIT_PATROLLING) free.push_back(&units[k]);
        std::vector<const patrol_incident *> order;
        for (std::size_t k = 0; k < snapshot.incident_count; k += 1) order.push_back(&calls[k]);
        std::sort(order.begin(), order.end(), [](const auto *a, const auto *b) {
            return std::tuple(a->priority, -a->seconds_waited, a->id) <
                   std::tuple(b->priority, -b->seconds_waited, b->id);
        });
        for (const patrol_incident *call : order) {
            for (auto missing = call->units_required - call->units_assigned; missing > 0; missing -= 1) {
                const auto distance = [call](const patrol_unit *unit) {
                    const bool able = (call->required_capabilities & ~unit->capabilities) == 0;
                    const double metres = std::hypot(unit->x - call->x, unit->y - call->y);
                    return able && metres >= 0.0 ? metres : INFINITY; // a place that is no number is nowhere
                };
                const auto nearest = std::min_element(
                    free.begin(), free.end(), [&](const auto *a, const auto *b) { return distance(a) < distance(b); });
                if (nearest == free.end() || distance(*nearest) == INFINITY) break;
                patrol_assignment sent{};
                sent.unit_id = (*nearest)->id;
                sent.incident_id = call->id;
                sent.diverted_from = PATROL_NO_ID;
                sent.travel_seconds = NAN;
                sent.next_node = PATROL_NO_NODE;
                answer.assignments.push_back(sent);
                free.erase(nearest);
            }
        }
    }

    std::shared_ptr<const patrol::Engine> engine_;
    patrol::Session session_;
};

} // namespace host

#endif
