// What a host hears from the field and from the call takers, and what it says to them.
#ifndef HOST_EVENTS_HPP
#define HOST_EVENTS_HPP

#include <chrono>
#include <cstdint>
#include <patrol.hpp>
#include <string>
#include <variant>

namespace host {

using Clock = std::chrono::steady_clock;

// Vehicle location, in the area's coordinates.
struct UnitMoved {
    std::uint64_t unit;
    double x, y;
};

// A unit's status button.
struct UnitStatus {
    std::uint64_t unit;
    std::int32_t status; // PATROL_UNIT_...
    std::uint64_t call;  // the call it is on, or PATROL_NO_ID
};

// A new call, or what is now known about one: more units needed, another priority.
struct CallReceived {
    patrol::Incident call;
};

// Served, or withdrawn by the caller.
struct CallCleared {
    std::uint64_t call;
};

struct Event {
    std::uint32_t district;
    std::variant<UnitMoved, UnitStatus, CallReceived, CallCleared> what;
    Clock::time_point at = Clock::now();
};

// Who decided.
enum class Source {
    search,    // the library, within the deadline
    floor,     // the library, cut off by the deadline: its heuristic, under the same rules
    plain_rule // this host, because the library refused the snapshot
};

// To a unit's terminal.
struct Order {
    std::uint32_t district;
    std::uint64_t unit;
    std::uint64_t call;        // to serve; PATROL_NO_ID: to patrol
    std::uint32_t target_node; // where to patrol; PATROL_NO_NODE for a call
    Source source;
};

// To the dispatcher's screen: something that a human has to look at.
struct Notice {
    std::uint32_t district;
    std::uint64_t call; // or PATROL_NO_ID
    std::string sentence;
};

} // namespace host

#endif
