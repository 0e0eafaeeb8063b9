// Decides once and prints the decision: bindings/c/sample.c in C++.
//
//     sample                     the city of sample_city.h, made from arrays
//     sample AREA [POLICY]       an area file, with the best rule of thumb or a policy file
//
// Build: c++ -std=c++17 -I../c sample.cpp $(pkg-config --cflags --libs libpatrol)
#include <cstdlib>
#include <iostream>
#include <patrol.hpp>

#include "sample_city.h"

namespace {

patrol::Area make_city() {
    patrol::AreaArrays arrays;
    make_sample_city(&arrays);
    return patrol::Area::create(arrays);
}

// Units at the first patrol locations, calls at the last; the second call is less urgent.
void decide(const patrol::Area &area, const patrol::Engine &engine) {
    const std::vector<std::uint32_t> places = area.patrol_locations();
    std::vector<patrol::Unit> units(3);
    for (std::size_t index = 0; index < units.size(); index += 1) {
        units[index].id = 101 + index;
        units[index].node = places[index % places.size()];
    }
    std::vector<patrol::Incident> calls(2);
    for (std::size_t index = 0; index < calls.size(); index += 1) {
        calls[index].id = 9001 + index;
        calls[index].node = places[(places.size() - 1 - index) % places.size()];
        calls[index].priority = static_cast<std::int32_t>(index) + 1;
        calls[index].seconds_waited = 20.0f;
    }
    patrol::Session session = patrol::Session::create(engine, 3, 2);
    const double monday_evening = 20 * 3600.0;
    const patrol::Answer decision = session.decide(patrol::Snapshot(monday_evening, units, calls));

    for (const patrol::Assignment &one : decision.assignments)
        std::cout << "unit " << one.unit_id << " goes to call " << one.incident_id << ", " << one.travel_seconds
                  << " s away\n";
    for (const patrol::Wait &one : decision.waits) std::cout << "call " << one.incident_id << " waits\n";
    for (const patrol::Move &one : decision.moves)
        if (one.target_node != PATROL_NO_NODE)
            std::cout << "unit " << one.unit_id << " patrols at node " << one.target_node << '\n';
}

} // namespace

int main(int count, char **arguments) try {
    patrol::check_version();
    const patrol::Area area = count > 1 ? patrol::Area::load(arguments[1]) : make_city();
    if (count > 2)
        decide(area, patrol::Engine::create(area, patrol::Policy::load(arguments[2])));
    else
        decide(area, patrol::Engine::create(area));
    return EXIT_SUCCESS;
} catch (const patrol::Error &error) {
    std::cerr << "sample: " << error.status_name() << ": " << error.what() << '\n';
    return EXIT_FAILURE;
}
