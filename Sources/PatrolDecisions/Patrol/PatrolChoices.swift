import PatrolModel

/// The places a free unit may go next, and the way there.
final class PatrolChoices {
    var engine: DecisionEngine
    let router: Router
    /// Where the unit stands.
    private var origin: Int32 = 0
    /// Of patrol travel.
    private var factor: Float = 1
    private let targets: Buffer<Int32>
    private var targetCount = 0
    private let targetTimes: Buffer<UInt32>
    /// Milliseconds that they are expected to be away at most.
    private let bounds: Buffer<UInt32>
    private let known: KnownWays
    /// The ways from `origin` are kept in `known`.
    private var isKnown = false
    private let list: Buffer<PatrolCandidate>
    private(set) var count = 0
    /// The unit is outside the beat it must keep to: the only candidate is the next location on its way home.
    private(set) var returnsToBeat = false

    init(engine: DecisionEngine, router: Router, _ memory: inout WorkingMemory) {
        self.engine = engine
        self.router = router
        let capacity = PatrolChoices.capacity(engine.area)
        targets = memory.buffer(count: capacity, repeating: 0)
        targetTimes = memory.buffer(count: capacity, repeating: 0)
        bounds = memory.buffer(count: capacity, repeating: 0)
        known = KnownWays(nodes: engine.area.nodeCount, targets: capacity, &memory)
        list = memory.buffer(count: capacity, repeating: PatrolCandidate(node: 0, nextNode: 0, seconds: 0))
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
        func search() -> Int32 {
            router.firstStep(from: origin, to: choice.node, mode: .patrol, within: choice.seconds / factor)
        }
        guard isKnown else { return search() }
        var target = 0
        while targets[target] != choice.node { target += 1 }
        let step = known.openSteps + target
        if step.pointee < 0 { step.pointee = search() }
        return step.pointee
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

    /// - Parameters:
    ///   - factor: what the area's patrol seconds are multiplied by.
    ///   - listsAll: false: it is only wanted whether there is a choice, for which one place may stand.
    func enumerate(_ unit: PatrolUnit, overlay: EdgeOverlay, factor: Float, listsAll: Bool) {
        self.factor = factor
        count = 0
        returnsToBeat = false
        isKnown = false
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
                        seconds: area.neighborSeconds[k] * factor))
            }
        } else if !listsAll && overlay.isEmpty && !heading && home < 0 {
            // Its location is the one that it reaches soonest.
            append(PatrolCandidate(node: area.locationNodes[Int(location)], nextNode: -1, seconds: 0))
        } else {
            listTargets(unit, location)
            isKnown = overlay.isEmpty && !heading
            searchTargets(location)
        }
        if home >= 0 { keepToBeat(home, unit.node) }
    }

    private func append(_ candidate: PatrolCandidate) {
        list[count] = candidate
        count += 1
    }

    /// Where a unit may go that is away from a patrol location, on changed roads, or on the way to a target.
    private func listTargets(_ unit: PatrolUnit, _ location: Int32) {
        let area = engine.area
        targetCount = 0
        func want(_ node: Int32) {
            guard node != unit.node else { return }
            for k in 0..<targetCount where targets[k] == node { return }
            targets[targetCount] = node
            targetCount += 1
        }
        want(area.locationNodes[Int(location)])
        for k in Int(area.neighborOffsets[Int(location)])..<Int(area.neighborOffsets[Int(location) + 1]) {
            want(area.locationNodes[Int(area.neighbors[k])])
        }
        if unit.target >= 0 { want(unit.target) }
    }

    /// Candidates by a search over the roads, or by what is known of one.
    private func searchTargets(_ location: Int32) {
        let hasTimes = isKnown && known.open(origin)
        let times = isKnown ? known.openTimes : targetTimes.base
        if !hasTimes { search(location, into: times) }
        for k in 0..<targetCount where times[k] < Milliseconds.unreachable {
            append(PatrolCandidate(node: targets[k], nextNode: -1, seconds: Milliseconds.seconds(times[k]) * factor))
        }
    }

    /// Searches first for the unit's own location, which the others are then at most so much farther away than.
    private func search(_ location: Int32, into times: UnsafeMutablePointer<UInt32>) {
        let area = engine.area
        let first = Int(area.neighborOffsets[Int(location)])
        let count = Int(area.neighborOffsets[Int(location) + 1]) - first
        var farthest: Float = 0
        for k in 0..<count { farthest = max(farthest, area.neighborSeconds[first + k]) }
        // A unit at its location looks for the others alone.
        var (own, toOwn) = (0, UInt32(0))
        if area.locationNodes[Int(location)] != origin {
            bounds[0] = Milliseconds.roundedUp(farthest)
            search(0..<1, into: times)
            (own, toOwn) = (1, times[0])
        }
        for k in 0..<count {
            bounds[own + k] = Milliseconds.sum(toOwn, Milliseconds.roundedUp(area.neighborSeconds[first + k]))
        }
        // What the unit is on its way to is one of them, or expected to be about as near.
        if own + count < targetCount {
            bounds[own + count] = Milliseconds.sum(toOwn, Milliseconds.roundedUp(farthest))
        }
        search(own..<targetCount, into: times)
    }

    private func search(_ part: Range<Int>, into times: UnsafeMutablePointer<UInt32>) {
        router.fillMilliseconds(
            from: origin, to: UnsafeBufferPointer(start: targets.base + part.lowerBound, count: part.count),
            mode: .patrol, within: bounds.base + part.lowerBound, into: times + part.lowerBound)
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
        var bestSeconds = ServiceArea.unreachableSeconds * factor
        for k in 1..<max(count, 1) {
            let location = Int(area.locationOf[Int(list[k].node)])
            // A present target may be a place that no way leads on from.
            guard location >= 0 else { continue }
            let homeward = area.homewardSeconds[Int(home) * area.locationCount + location]
            let seconds = list[k].seconds + homeward * factor
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
