// A field for load tests: units that drive where they are ordered, calls that come, are reached and are served, faster than life.
// One thread calls `next`; orders come from any.
#ifndef HOST_FIELD_HPP
#define HOST_FIELD_HPP

#include "events.hpp"

#include <cmath>
#include <deque>
#include <mutex>
#include <random>
#include <unordered_map>
#include <vector>

namespace host {

// A grid of corners 100 m apart, in four quarters: a district and a beat each.
struct Grid {
    static constexpr std::uint32_t side = 60, nodes = side * side;
    static constexpr double metres = 100.0;

    std::vector<double> coordinates;
    std::vector<std::uint32_t> edges;
    std::vector<float> seconds, service{1500.0f, 900.0f};
    std::vector<std::int32_t> beats;

    static std::uint32_t district(std::uint32_t node) {
        return (node % side >= side / 2 ? 1u : 0u) + (node / side >= side / 2 ? 2u : 0u);
    }
    static double x(std::uint32_t node) { return metres * (node % side); }
    static double y(std::uint32_t node) { return metres * (node / side); }

    Grid() {
        for (std::uint32_t node = 0; node < nodes; node += 1) {
            coordinates.insert(coordinates.end(), {x(node), y(node)});
            beats.push_back(static_cast<std::int32_t>(district(node)));
            if (node % side + 1 < side) edges.insert(edges.end(), {node, node + 1, node + 1, node});
            if (node + side < nodes) edges.insert(edges.end(), {node, node + side, node + side, node});
        }
        seconds.assign(edges.size() / 2, 10.0f);
    }

    patrol::Result<patrol::Area> area() const {
        patrol::AreaArrays arrays;
        arrays.coordinate_system = PATROL_COORDINATES_PLANAR;
        arrays.node_count = nodes;
        arrays.edge_count = static_cast<std::uint32_t>(seconds.size());
        arrays.coordinates = coordinates.data();
        arrays.edges = edges.data();
        arrays.edge_patrol_seconds = seconds.data();
        arrays.node_beats = beats.data();
        arrays.category_count = static_cast<std::uint32_t>(service.size());
        arrays.category_service_seconds = service.data();
        return patrol::Area::try_create(arrays);
    }
};

class Field {
public:
    explicit Field(std::uint32_t count) {
        for (std::uint32_t k = 0; k < count; k += 1) {
            const std::uint32_t node = draw(Grid::nodes);
            units_.push_back(
                {1000 + k, Grid::x(node), Grid::y(node), Grid::x(node), Grid::y(node), PATROL_NO_ID, false});
            home_.push_back(Grid::district(node));
        }
    }

    // The units at the beginning, by district.
    std::vector<std::vector<patrol::Unit>> districts() const {
        std::vector<std::vector<patrol::Unit>> lists(4);
        for (std::size_t k = 0; k < units_.size(); k += 1) {
            patrol::Unit unit;
            unit.id = units_[k].id, unit.x = units_[k].x, unit.y = units_[k].y;
            unit.home_beat = static_cast<std::int32_t>(home_[k]);
            lists[home_[k]].push_back(unit);
        }
        return lists;
    }

    void receive(const Order &order) {
        const std::lock_guard<std::mutex> lock(mutex_);
        orders_.push_back(order);
    }

    // The event that is due: something that has happened, or else the position of the next unit in turn.
    Event next(Clock::time_point at) {
        if (outbox_.empty()) obey(), drive(at);
        if (outbox_.empty()) {
            turn_ = (turn_ + 1) % units_.size();
            return {home_[turn_], UnitMoved{units_[turn_].id, units_[turn_].x, units_[turn_].y}, at};
        }
        Event event = std::move(outbox_.front());
        outbox_.pop_front();
        event.at = at;
        return event;
    }

    // A call somewhere; one in ten needs two units.
    void call() {
        patrol::Incident call;
        const std::uint32_t node = draw(Grid::nodes);
        call.id = ++last_call_;
        call.x = Grid::x(node), call.y = Grid::y(node);
        call.category = static_cast<std::int32_t>(draw(2));
        call.priority = 1 + static_cast<std::int32_t>(draw(4));
        call.units_required = draw(10) == 0 ? 2 : 1;
        required_ += call.units_required;
        calls_[call.id] = {call.x, call.y, call.units_required, {}, {}};
        outbox_.push_back({Grid::district(node), CallReceived{call}, {}});
    }

    std::uint64_t calls() const { return last_call_; }
    std::uint64_t required() const { return required_; } // units, of all calls
    std::size_t open() const { return calls_.size(); }
    bool is_quiet() const { return calls_.empty() && outbox_.empty(); }

private:
    struct Unit {
        std::uint64_t id;
        double x, y, to_x, to_y;
        std::uint64_t call;
        bool has_arrived;
    };
    struct Call {
        double x, y;
        std::uint32_t missing;
        std::vector<std::size_t> there;
        Clock::time_point ends;
    };
    static constexpr double speed = 200.0; // m/s

    std::uint32_t draw(std::uint32_t below) {
        return std::uniform_int_distribution<std::uint32_t>(0, below - 1)(random_);
    }

    void obey() {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (const Order &order : orders_) {
            Unit &unit = units_[order.unit - units_[0].id];
            if (order.call != PATROL_NO_ID) {
                unit.to_x = calls_.at(order.call).x, unit.to_y = calls_.at(order.call).y;
                unit.call = order.call, unit.has_arrived = false;
            } else if (unit.call == PATROL_NO_ID) {
                unit.to_x = Grid::x(order.target_node), unit.to_y = Grid::y(order.target_node);
            }
        }
        orders_.clear();
    }

    void drive(Clock::time_point now) {
        const double metres = speed * std::chrono::duration<double>(now - now_).count();
        if (metres < 1.0) return;
        if (now_ != Clock::time_point{})
            for (std::size_t k = 0; k < units_.size(); k += 1) drive(k, metres, now);
        now_ = now;
        for (auto call = calls_.begin(); call != calls_.end();) {
            if (call->second.missing > 0 || now < call->second.ends) {
                ++call;
                continue;
            }
            const std::uint32_t district = home_[call->second.there.front()];
            outbox_.push_back({district, CallCleared{call->first}, {}});
            for (const std::size_t k : call->second.there) {
                units_[k].call = PATROL_NO_ID;
                outbox_.push_back({district, UnitStatus{units_[k].id, PATROL_UNIT_PATROLLING, PATROL_NO_ID}, {}});
            }
            call = calls_.erase(call);
        }
    }

    void drive(std::size_t index, double metres, Clock::time_point now) {
        Unit &unit = units_[index];
        const double left = std::hypot(unit.to_x - unit.x, unit.to_y - unit.y);
        const double share = left <= metres ? 1.0 : metres / left;
        unit.x += share * (unit.to_x - unit.x), unit.y += share * (unit.to_y - unit.y);
        if (share < 1.0 || unit.call == PATROL_NO_ID || unit.has_arrived) return;
        unit.has_arrived = true;
        Call &call = calls_.at(unit.call);
        call.missing -= 1;
        call.there.push_back(index);
        call.ends = now + std::chrono::milliseconds(2000 + draw(4000));
        outbox_.push_back({home_[index], UnitStatus{unit.id, PATROL_UNIT_ON_SCENE, unit.call}, {}});
    }

    std::mt19937 random_{1};
    std::vector<Unit> units_;
    std::vector<std::uint32_t> home_; // district of each unit
    std::unordered_map<std::uint64_t, Call> calls_;
    std::uint64_t last_call_ = 0, required_ = 0;
    std::deque<Event> outbox_;
    std::size_t turn_ = 0;
    Clock::time_point now_{};
    std::mutex mutex_;
    std::vector<Order> orders_;
};

} // namespace host

#endif
