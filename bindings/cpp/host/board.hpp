// One district's units and calls as the host knows them. One thread at a time.
#ifndef HOST_BOARD_HPP
#define HOST_BOARD_HPP

#include "events.hpp"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace host {

enum class Effect {
    unknown, // about a unit or a call that is not here
    noted,   // no reason to decide at once
    decide
};

class Board {
public:
    explicit Board(std::vector<patrol::Unit> units)
        : units_(std::move(units)), measured_(units_.size(), Clock::now()), due_(measured_) {
        for (std::size_t k = 0; k < units_.size(); k += 1) index_[units_[k].id] = k;
    }

    Effect apply(const Event &event) {
        return std::visit([&](const auto &what) { return take(what, event.at); }, event.what);
    }

    // The district now; it refers to this board, until the next event or order. `time` as in patrol_snapshot.
    patrol::Snapshot snapshot(double time) {
        const auto now = Clock::now();
        for (std::size_t k = 0; k < units_.size(); k += 1) {
            units_[k].position_age_seconds = std::max(0.0f, seconds(now - measured_[k]));
            units_[k].seconds_until_due = std::max(0.0f, seconds(due_[k] - now));
        }
        waiting_.clear();
        for (auto &[id, call] : calls_) {
            if (call.incident.units_assigned >= call.incident.units_required) continue;
            call.incident.seconds_waited = seconds(now - call.received);
            waiting_.push_back(call.incident);
        }
        std::sort(waiting_.begin(), waiting_.end(), [](const auto &a, const auto &b) { return a.id < b.id; });
        return patrol::Snapshot(time, units_, waiting_);
    }

    const std::vector<patrol::Unit> &units() const { return units_; }
    const std::vector<patrol::Incident> &waiting() const { return waiting_; } // of the last snapshot

    // An order has gone out: from now on the unit counts for its call.
    void send(std::uint64_t unit, std::uint64_t call) {
        patrol::Unit &sent = units_[index_.at(unit)];
        leave(sent);
        sent.status = PATROL_UNIT_EN_ROUTE;
        sent.incident_id = call;
        sent.target_node = PATROL_NO_NODE;
        calls_.at(call).incident.units_assigned += 1;
    }

    void patrol(const patrol::Move &move) {
        const std::size_t place = index_.at(move.unit_id);
        units_[place].target_node = move.target_node;
        due_[place] = Clock::now() + std::chrono::milliseconds(static_cast<int>(1000.0f * move.dwell_seconds));
    }

    // Calls that have been decided on for the first time, by the time of their submission.
    template <class Act>
    void each_new_answer(Act act) {
        for (const patrol::Incident &incident : waiting_) {
            Call &call = calls_.at(incident.id);
            if (!call.answered) act(call.received);
            call.answered = true;
        }
    }

    // True once for each call: whoever tells a human does so once.
    bool first_notice(std::uint64_t call) {
        const auto found = calls_.find(call);
        return found != calls_.end() && !std::exchange(found->second.noticed, true);
    }

private:
    struct Call {
        patrol::Incident incident;
        Clock::time_point received;
        bool answered = false, noticed = false;
    };

    static float seconds(Clock::duration duration) { return std::chrono::duration<float>(duration).count(); }

    Effect take(const UnitMoved &moved, Clock::time_point at) {
        const auto found = index_.find(moved.unit);
        if (found == index_.end()) return Effect::unknown;
        patrol::Unit &unit = units_[found->second];
        unit.x = moved.x, unit.y = moved.y, unit.node = PATROL_NO_NODE;
        measured_[found->second] = at;
        return Effect::noted;
    }

    Effect take(const UnitStatus &status, Clock::time_point) {
        const auto found = index_.find(status.unit);
        if (found == index_.end()) return Effect::unknown;
        patrol::Unit &unit = units_[found->second];
        if (status.call != unit.incident_id) leave(unit);
        if (status.call != unit.incident_id && calls_.count(status.call)) // it went by itself
            calls_[status.call].incident.units_assigned += 1;
        unit.incident_id = status.call;
        unit.status = status.status;
        return Effect::decide;
    }

    Effect take(const CallReceived &received, Clock::time_point at) {
        const auto [place, is_new] = calls_.try_emplace(received.call.id, Call{received.call, at});
        if (!is_new) {
            const auto assigned = place->second.incident.units_assigned;
            place->second.incident = received.call;
            place->second.incident.units_assigned = assigned;
        }
        return Effect::decide;
    }

    Effect take(const CallCleared &cleared, Clock::time_point) {
        return calls_.erase(cleared.call) > 0 ? Effect::decide : Effect::unknown;
    }

    // The unit's call, if it is still open, lacks a unit again.
    void leave(patrol::Unit &unit) {
        const auto call = calls_.find(unit.incident_id);
        if (call != calls_.end() && call->second.incident.units_assigned > 0) call->second.incident.units_assigned -= 1;
        unit.incident_id = PATROL_NO_ID;
    }

    std::vector<patrol::Unit> units_;
    std::vector<Clock::time_point> measured_; // when each unit's position was
    std::vector<Clock::time_point> due_;      // when its stay ends
    std::unordered_map<std::uint64_t, std::size_t> index_;
    std::unordered_map<std::uint64_t, Call> calls_;
    std::vector<patrol::Incident> waiting_;
};

} // namespace host

#endif
