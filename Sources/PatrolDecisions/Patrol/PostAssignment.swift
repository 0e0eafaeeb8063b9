import PatrolModel

/// Assigns units to p-median posts or DMEXCLP bases.
///
/// Units restricted to their home beat share posts in it, chosen for its demand alone; all others share posts of the
/// whole area.
final class PostAssignment {
    let situation: Situation
    /// Patrol location of each unit's post, or −1; shape [units].
    let postLocation: Buffer<Int32>
    /// Units that share posts, ascending in index, and the patrol location of each, −1 where no road leads out of its place;
    /// patrol locations of the posts, and units sent to each.
    private let members: Buffer<Int32>
    private let location: Buffer<Int32>
    private let place: Buffer<Int32>
    private let load: Buffer<Int32>
    private var memberCount = 0, placeCount = 0
    private let matching: PostMatching
    let bases: CoverageBases

    init(situation: Situation, _ memory: inout WorkingMemory) {
        self.situation = situation
        let rows = situation.engine.complianceRows
        let units = situation.snapshot.maximumUnits
        postLocation = memory.buffer(count: units, repeating: -1)
        members = memory.buffer(count: units, repeating: 0)
        location = memory.buffer(count: units, repeating: -1)
        place = memory.buffer(count: rows, repeating: 0)
        load = memory.buffer(count: rows, repeating: 0)
        matching = PostMatching(rows: min(rows, units), columns: rows, &memory)
        bases = CoverageBases(situation: situation, &memory)
    }

    private var engine: DecisionEngine { situation.engine }
    private var snapshot: Snapshot { situation.snapshot }

    /// Matches all free units with as many p-median posts, as the table candidate/1 defines it whatever the rules.
    /// - Returns: as those below, false where the clock ended it first.
    @discardableResult
    func assignForTable(_ clock: CallClock = CallClock()) -> Bool {
        clear()
        gather { _ in true }
        setPlaces(engine.posts.row(min(situation.freeCount, engine.complianceRows)))
        return match(clock)
    }

    /// Matches the free units with the p-median posts for all units on duty or for the free ones.
    func assign(forUnitsOnDuty: Bool, _ clock: CallClock) -> Bool {
        clear()
        for beat in -1..<Int32(engine.beatPosts.count) {
            gather { unit in self.situation.patrolBeat(unit) == beat }
            guard memberCount > 0 else { continue }
            let count = forUnitsOnDuty ? situation.unitsOnDuty(keepingTo: beat) : memberCount
            setPlaces(engine.posts(inBeat: beat).row(min(count, engine.complianceRows)))
            guard match(clock) else { return false }
        }
        return true
    }

    /// Bases by DMEXCLP's rule (`CoverageBases`), assigned by least total travel.
    func assignByExpectedCoverage(_ clock: CallClock) -> Bool {
        clear()
        guard bases.choose(clock) else { return false }
        for beat in -1..<Int32(engine.beatPosts.count) {
            gather { unit in self.situation.patrolBeat(unit) == beat }
            guard memberCount > 0 else { continue }
            setPlaces(bases.chosen(inBeat: beat))
            guard match(clock) else { return false }
        }
        return true
    }

    private func clear() {
        for i in 0..<snapshot.unitCount { postLocation[i] = -1 }
    }

    private func gather(_ isMember: (PatrolUnit) -> Bool) {
        memberCount = 0
        for f in 0..<situation.freeCount where isMember(snapshot.units[Int(situation.free[f])]) {
            members[memberCount] = situation.free[f]
            memberCount += 1
        }
    }

    private func setPlaces(_ posts: UnsafeBufferPointer<Int32>) {
        placeCount = posts.count
        for p in 0..<placeCount { place[p] = engine.area.postLocation(posts[p]) }
    }

    /// Least total travel if there are enough posts; else each unit, in ascending id, takes the nearest post with room.
    private func match(_ clock: CallClock) -> Bool {
        guard memberCount <= placeCount else { return matchInTurn(clock) }
        let area = engine.area
        for m in 0..<memberCount { location[m] = area.locationOf[Int(snapshot.units[Int(members[m])].node)] }
        let isDone = matching.match(
            UnsafeBufferPointer(start: location.base, count: memberCount),
            with: UnsafeBufferPointer(start: place.base, count: placeCount), clock
        ) { UnsafePointer(area.locationSeconds.base + Int($0) * area.locationCount) }
        guard isDone else { return false }
        for m in 0..<memberCount { postLocation[Int(members[m])] = place[Int(matching.columnOfRow[m])] }
        return true
    }

    private func matchInTurn(_ clock: CallClock) -> Bool {
        guard placeCount > 0 else { return true }
        var clock = clock
        let room = Int32((memberCount + placeCount - 1) / placeCount)
        for p in 0..<placeCount { load[p] = 0 }
        for m in 0..<memberCount { postLocation[Int(members[m])] = -2 }
        let (place, load) = (self.place.base, self.load.base)
        for k in 0..<snapshot.unitCount {
            let i = Int(snapshot.unitOrder[k])
            guard postLocation[i] == -2 else { continue }
            if clock.expired(after: placeCount) { return false }
            postLocation[i] = -1
            let seconds = secondsFrom(snapshot.units[i])
            var best = -1
            var bestSeconds = Float.infinity
            for p in 0..<placeCount where load[p] < room {
                let t = PostAssignment.look(seconds, place[p])
                if t < bestSeconds { (best, bestSeconds) = (p, t) }
            }
            guard best >= 0 else { continue }
            load[best] += 1
            postLocation[i] = place[best]
        }
        return true
    }

    /// Patrol seconds from a unit's place to every patrol location; nil if no road leads out of it.
    private func secondsFrom(_ unit: PatrolUnit) -> UnsafePointer<Float>? {
        let area = engine.area
        let from = Int(area.locationOf[Int(unit.node)])
        return from >= 0 ? UnsafePointer(area.locationSeconds.base + from * area.locationCount) : nil
    }

    @inline(__always)
    private static func look(_ seconds: UnsafePointer<Float>?, _ location: Int32) -> Float {
        guard let seconds, location >= 0 else { return ServiceArea.unreachableSeconds }
        return seconds[Int(location)]
    }
}

extension Situation {
    /// The only beat that a unit may patrol, or −1.
    func patrolBeat(_ unit: PatrolUnit) -> Int32 { engine.options.homeBeatPatrol ? unit.homeBeat : -1 }

    func unitsOnDuty(keepingTo beat: Int32) -> Int {
        var count = 0
        for i in 0..<snapshot.unitCount
        where snapshot.units[i].status != .offDuty && patrolBeat(snapshot.units[i]) == beat {
            count += 1
        }
        return count
    }
}

extension DecisionEngine {
    /// The posts of a beat, or of the whole area for −1.
    func posts(inBeat beat: Int32) -> MedianPosts { beat < 0 ? posts : beatPosts[Int(beat)] }
}
