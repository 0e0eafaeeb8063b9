import PatrolModel

/// The places a free unit may go next, and the way there.
final class PatrolChoices {
    let engine: DecisionEngine
    let router: Router
    private let matrix: TravelMatrix
    /// Where the unit stands.
    private var origin: Int32 = 0
    private let targets: Buffer<Int32>
    private let targetTimes: Buffer<UInt32>
    private let list: Buffer<PatrolCandidate>
    private(set) var count = 0
    /// The unit is outside the beat it must keep to: the only candidate is the next location on its way home.
    private(set) var returnsToBeat = false

    init(engine: DecisionEngine, router: Router) throws(PatrolError) {
        self.engine = engine
        self.router = router
        let capacity = PatrolChoices.capacity(engine.area)
        matrix = try TravelMatrix(engine.area.routing, origins: 1, destinations: capacity)
        targets = try Buffer(count: capacity, repeating: 0)
        targetTimes = try Buffer(count: capacity, repeating: 0)
        list = try Buffer(count: capacity, repeating: PatrolCandidate(node: 0, nextNode: 0, seconds: 0))
    }

    /// Most candidates a unit can have: staying, its location, that location's neighbors, and its present target.
    static func capacity(_ area: ServiceArea) -> Int {
        var degree = 0
        for location in 0..<area.locationCount {
            degree = max(degree, Int(area.neighborOffsets[location + 1] - area.neighborOffsets[location]))
        }
        return degree + 3
    }

    /// The first node on the way to a candidate.
    func nextNode(_ index: Int) -> Int32 {
        let choice = list[index]
        if choice.nextNode >= 0 { return choice.nextNode }
        return router.firstStep(from: origin, to: choice.node, mode: .patrol, within: choice.seconds)
    }

    /// Adds the first nodes on ways that were searched, which the list lacks at first.
    func findNextNodes() { for k in 0..<count { list[k].nextNode = nextNode(k) } }

    var candidates: UnsafeBufferPointer<PatrolCandidate> { UnsafeBufferPointer(start: list.base, count: count) }

    subscript(index: Int) -> PatrolCandidate {
        get { list[index] }
        set { list[index] = newValue }
    }

    func index(of node: Int32) -> Int? {
        for k in 0..<count where list[k].node == node { return k }
        return nil
    }

    func enumerate(_ unit: PatrolUnit, overlay: EdgeOverlay) {
        count = 0
        returnsToBeat = false
        origin = unit.node
        append(PatrolCandidate(node: unit.node, nextNode: unit.node, seconds: 0))
        let area = engine.area
        let location = area.locationOf[Int(unit.node)]
        guard location >= 0 else { return }
        let home = engine.options.homeBeatPatrol ? unit.homeBeat : -1
        let standsAtLocation = area.locationNodes[Int(location)] == unit.node
        let heading = unit.target >= 0 && unit.target != unit.node
        if standsAtLocation && overlay.isEmpty && !heading {
            for k in Int(area.neighborOffsets[Int(location)])..<Int(area.neighborOffsets[Int(location) + 1]) {
                append(
                    PatrolCandidate(
                        node: area.locationNodes[Int(area.neighbors[k])], nextNode: area.neighborNextNodes[k],
                        seconds: area.neighborSeconds[k]))
            }
        } else {
            searchFrom(unit, location)
        }
        if home >= 0 { keepToBeat(home, unit.node) }
    }

    private func append(_ candidate: PatrolCandidate) {
        list[count] = candidate
        count += 1
    }

    /// Candidates by a search over the roads: away from a patrol location, on changed roads, or on the way to a target.
    private func searchFrom(_ unit: PatrolUnit, _ location: Int32) {
        let area = engine.area
        var wanted = 0
        func want(_ node: Int32) {
            guard node != unit.node else { return }
            for k in 0..<wanted where targets[k] == node { return }
            targets[wanted] = node
            wanted += 1
        }
        want(area.locationNodes[Int(location)])
        for k in Int(area.neighborOffsets[Int(location)])..<Int(area.neighborOffsets[Int(location) + 1]) {
            want(area.locationNodes[Int(area.neighbors[k])])
        }
        if unit.target >= 0 { want(unit.target) }
        for k in 0..<wanted { targetTimes[k] = Milliseconds.unreachable }
        _ = withUnsafePointer(to: unit.node) { node in
            matrix.fill(
                from: UnsafeBufferPointer(start: node, count: 1),
                to: UnsafeBufferPointer(start: targets.base, count: wanted),
                mode: .patrol, by: router
            ) { _, target, time in targetTimes[target] = time }
        }
        for k in 0..<wanted where targetTimes[k] < Milliseconds.unreachable {
            append(PatrolCandidate(node: targets[k], nextNode: -1, seconds: Milliseconds.seconds(targetTimes[k])))
        }
    }

    /// Drops places outside the home beat; a unit outside it can only go home.
    private func keepToBeat(_ home: Int32, _ node: Int32) {
        let area = engine.area
        if area.beats[Int(node)] == home {
            var kept = 1
            for k in 1..<max(count, 1) where area.beats[Int(list[k].node)] == home {
                list[kept] = list[k]
                kept += 1
            }
            count = min(kept, count)
            return
        }
        var best = -1
        var bestSeconds = ServiceArea.unreachableSeconds
        for k in 1..<max(count, 1) {
            let location = Int(area.locationOf[Int(list[k].node)])
            // A present target may be a place that no way leads on from.
            guard location >= 0 else { continue }
            let seconds = list[k].seconds + area.homewardSeconds[Int(home) * area.locationCount + location]
            if seconds < bestSeconds { (best, bestSeconds) = (k, seconds) }
        }
        guard best > 0 else {
            count = 1
            return
        }
        list[0] = list[best]
        count = 1
        returnsToBeat = true
    }
}
