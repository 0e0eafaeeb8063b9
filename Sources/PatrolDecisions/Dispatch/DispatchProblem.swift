import PatrolModel

/// A snapshot's dispatch decision as a `DispatchProgram`: units are rows, calls own one or more columns of slots, and the
/// department's rules become the program's.
///
/// A call that needs certain capabilities among its units has a column for each such need and one for the rest. A unit takes
/// a slot only if the more demanding ones that it fits are filled, so that a slot is open to every unit that could find room.
/// How rules give way to each other, so that a program always has an answer:
///
/// - *never hold* comes before *strict priority* towards calls that may be held, and before the reserve;
/// - a call that takes all its units or none waits until they are free at once: neither rule is applied on its behalf;
/// - a unit that may be diverted may always continue;
/// - travel limits for holding concern calls that may be held; one that they hold whatever else is decided bars nobody.
final class DispatchProblem {
    let situation: Situation
    let pairs: DispatchPairs
    let program: DispatchProgram
    /// Of each program pair: its index in `pairs`. Of each column: its waiting call, and the capabilities it demands.
    let source: Buffer<Int32>
    let columnCall: Buffer<Int32>
    /// Program pairs of free unit f are `rowStart[f] ..< rowStart[f + 1]`; those of waiting call w a list from `firstPair[w]` along
    /// `nextPair`, which ends with −1.
    let rowStart: Buffer<Int32>
    let firstPair: Buffer<Int32>
    let nextPair: Buffer<Int32>
    /// The hard reserve that a program pair counts against, or −1.
    let reserveOf: Buffer<Int32>
    let columnNeed: Buffer<UInt64>
    /// Priority of each column's call, and the priority at which it blocks others: all-or-none calls, which may have to wait,
    /// block nobody.
    let columnRank: Buffer<Int32>
    let columnPriority: Buffer<Int32>
    /// Number of free units, as the travel limits for holding count them, before the first assignment.
    private(set) var unitsToSpare: Int32 = 1
    let prerequisites: PrerequisiteIndex
    /// Whether a unit may have to leave a slot to be filled before it takes another.
    private(set) var ordersSlots = false
    /// Whether the program holds all prerequisites.
    private(set) var isComplete = true
    let columnStart: Buffer<Int32>
    private let eligible: Buffer<Int32>
    private let freeInBeat: Buffer<Int32>
    private var forbidden: Int32 = -1
    private var clock = CallClock()

    init(situation: Situation, pairs: DispatchPairs, valueNeurons: Int, _ memory: inout WorkingMemory) {
        self.situation = situation
        self.pairs = pairs
        let (units, incidents) = (situation.snapshot.maximumUnits, situation.snapshot.maximumIncidents)
        let area = situation.engine.area
        let rules = situation.engine.options.rules
        let columns = incidents * (Incident.maximumNeeds + 1)
        let pairLimit = min(units * columns, DispatchProblem.maximumPairs)
        let reserves = rules.reservePerBeat > 0 ? area.beatCount : 0
        let holdReserves = min(situation.engine.holdRows, units)
        program = DispatchProgram(
            limits: .init(
                rows: units, columns: columns, pairs: pairLimit, hidden: valueNeurons + reserves,
                prerequisites: pairLimit,
                prerequisiteColumns: min(pairLimit * columns, DispatchProblem.maximumPrerequisiteColumns),
                reserves: reserves + holdReserves, reserveMembers: (min(reserves, 1) + holdReserves) * pairLimit,
                isFactored: true), &memory)
        source = memory.buffer(unwritten: pairLimit)
        columnCall = memory.buffer(count: columns, repeating: 0)
        rowStart = memory.buffer(count: units + 1, repeating: 0)
        firstPair = memory.buffer(count: incidents, repeating: -1)
        nextPair = memory.buffer(unwritten: pairLimit)
        prerequisites = PrerequisiteIndex(program: program, &memory)
        reserveOf = memory.buffer(unwritten: pairLimit)
        columnNeed = memory.buffer(count: columns, repeating: 0)
        columnRank = memory.buffer(count: columns, repeating: 0)
        columnPriority = memory.buffer(count: columns, repeating: 0)
        columnStart = memory.buffer(count: incidents + 1, repeating: 0)
        eligible = memory.buffer(count: incidents, repeating: 0)
        freeInBeat = memory.buffer(count: reserves, repeating: 0)
    }

    /// Beyond these, each call considers only its nearest units: more would cost memory and time without a better answer.
    static let maximumPairs = 1 << 18
    static let maximumPrerequisiteColumns = 1 << 22

    private var snapshot: Snapshot { situation.snapshot }
    private var nearest: NearestUnits { pairs.nearest }
    var rules: DispatchRules { situation.engine.options.rules }

    @inline(__always)
    func call(_ w: Int) -> Incident { snapshot.incidents.base[Int(situation.waiting.base[w])] }

    /// Rows, columns, pairs and rules of the prepared pairs; values are left at 0 for the caller, and the hidden neurons of a
    /// value network are opened by `DispatchProgram.openHidden`, unless reserves with a price stand behind them.
    /// - Parameter forbidden: a pair that is left out, or −1.
    func build(
        valueNeurons: Int, without forbidden: Int32 = -1, _ clock: CallClock = CallClock()
    ) throws(PatrolError) -> Fit {
        self.forbidden = forbidden
        self.clock = clock
        countEligible()
        unitsToSpare = countUnitsToSpare()
        isComplete = true
        nearest.keepAll(calls: situation.waitingCount)
        var kept = DispatchProblem.maximumPairs / max(1, situation.waitingCount)
        while try !lay(valueNeurons: valueNeurons) {
            if clock.expired { return .outOfTime }
            guard kept > 0 else {
                isComplete = false
                return .tooLarge
            }
            guard nearest.keep(kept, calls: situation.waitingCount, clock, of: pairs.forEach) else { return .outOfTime }
            kept /= 2
        }
        return .fits
    }

    /// Whether a program was built: strict priority may compare more pairs than it holds, whatever is left out.
    enum Fit { case fits, tooLarge, outOfTime }

    /// - Returns: false where the program does not hold all pairs or prerequisites, and where no time is left.
    private func lay(valueNeurons: Int) throws(PatrolError) -> Bool {
        let columns = layColumns()
        let priced = rules.reservePerBeat > 0 && rules.reservePrice < .infinity
        let hidden = priced ? valueNeurons + situation.engine.area.beatCount : 0
        try program.reset(rows: situation.freeCount, columns: columns, hidden: hidden)
        ordersSlots = rules.strictPriority
        for g in 0..<columns {
            let w = Int(columnCall[g])
            if g > 0 && columnCall[g - 1] == columnCall[g] { ordersSlots = true }
            columnPriority[g] = call(w).priority
            columnRank[g] = call(w).allOrNone ? .max : call(w).priority
            program.allOrNone[g] = call(w).allOrNone ? Int32(w) : -1
            program.protected[g] = isProtected(w) ? 1 : 0
        }
        setCapacities()
        for f in 0..<situation.freeCount {
            if snapshot.units[Int(situation.free[f])].status == .enRoute { program.mandatory[f] = 1 }
            rowStart[f] = Int32(program.pairCount)
            guard !clock.expired(after: situation.waitingCount), addPairs(ofUnit: f) else { return false }
        }
        rowStart[situation.freeCount] = Int32(program.pairCount)
        listPairsByCall()
        if rules.reservePerBeat > 0 { try addReserves(priced: priced, firstNeuron: valueNeurons) }
        if situation.engine.holdRows > 0 { try addHoldReserves() }
        return try addPrerequisites(clock)
    }

    private func listPairsByCall() {
        for w in 0..<situation.waitingCount { firstPair[w] = -1 }
        for p in stride(from: program.pairCount - 1, through: 0, by: -1) {
            let w = Int(columnCall[Int(program.pairColumn[p])])
            nextPair[p] = firstPair[w]
            firstPair[w] = Int32(p)
            reserveOf[p] = -1
        }
    }

    /// A call that the rules forbid to hold. One that takes all its units or none may have to wait.
    private func isProtected(_ w: Int) -> Bool { !call(w).allOrNone && forbidsHolding(situation.waiting[w]) }

    @inline(never)
    func forbidsHolding(_ j: Int32) -> Bool { rules.forbidsHolding(snapshot.incidents[Int(j)]) }

    private func countEligible() {
        for w in 0..<situation.waitingCount { eligible[w] = 0 }
        for p in 0..<pairs.count where p != Int(forbidden) { eligible[Int(pairs.pairs[p].waiting)] += 1 }
    }

    /// An all-or-none call with too few eligible units takes no part.
    func cannotBeStaffed(_ w: Int) -> Bool { call(w).allOrNone && eligible[w] < call(w).unitsMissing }

    func eligibleUnits(_ w: Int) -> Int { Int(eligible[w]) }

    private func layColumns() -> Int {
        var columns = 0
        for w in 0..<situation.waitingCount {
            columnStart[w] = Int32(columns)
            guard !cannotBeStaffed(w), !pairs.plans.isPlanned(situation.waiting[w]) else { continue }
            var rest = call(w).unitsMissing
            for k in 0..<Incident.maximumNeeds where call(w).need(k).missing > 0 {
                (columnCall[columns], columnNeed[columns]) = (Int32(w), call(w).need(k).capabilities)
                rest -= call(w).need(k).missing
                columns += 1
            }
            guard rest > 0 else { continue }
            (columnCall[columns], columnNeed[columns]) = (Int32(w), 0)
            columns += 1
        }
        columnStart[situation.waitingCount] = Int32(columns)
        return columns
    }

    /// The need of its call that a column is for, or −1.
    func need(ofColumn g: Int) -> Int32 {
        guard columnNeed[g] != 0 else { return -1 }
        let w = Int(columnCall[g])
        var before = g - Int(columnStart[w])
        for k in 0..<Incident.maximumNeeds where call(w).need(k).missing > 0 {
            if before == 0 { return Int32(k) }
            before -= 1
        }
        return -1
    }

    private func setCapacities() {
        for w in 0..<situation.waitingCount {
            var column = Int(columnStart[w])
            guard column < Int(columnStart[w + 1]) else { continue }
            var rest = call(w).unitsMissing
            for k in 0..<Incident.maximumNeeds where call(w).need(k).missing > 0 {
                program.capacity[column] = call(w).need(k).missing
                rest -= call(w).need(k).missing
                column += 1
            }
            if rest > 0 { program.capacity[column] = rest }
        }
    }

    /// - Returns: false where there are more than fit.
    @_optimize(speed)
    private func addPairs(ofUnit f: Int) -> Bool {
        let unit = snapshot.units[Int(situation.free[f])]
        for p in Int(pairs.rowStart[f])..<Int(pairs.rowStart[f + 1]) where p != Int(forbidden) {
            let w = Int(pairs.pairs[p].waiting)
            // A unit that continues has a slot of its own among those that demand nothing: the call's needs are what others miss.
            let continues = unit.status == .enRoute && unit.incident == pairs.pairs[p].incident
            guard continues || nearest.takes(w, pairs.pairs[p].seconds) else { continue }
            for column in Int(columnStart[w])..<Int(columnStart[w + 1])
            where unit.capabilities & columnNeed[column] == columnNeed[column]
                && !(continues && columnNeed[column] != 0)
            {
                guard program.pairCount < program.limits.pairs else { return false }
                source[program.append(row: f, column: column, value: 0)] = Int32(p)
            }
        }
        return true
    }

    /// Whether a pair leaves its unit on the call it is on.
    func continues(_ p: Int) -> Bool {
        // Units that may be diverted are the mandatory rows.
        guard program.mandatory[Int(program.pairRow[p])] != 0 else { return false }
        let pair = pairs.pairs[Int(source[p])]
        return snapshot.units[Int(pair.unit)].incident == pair.incident
    }

    /// Program pairs of the unit of p.
    func row(of p: Int) -> Range<Int> { row(Int(program.pairRow[p])) }

    /// Program pairs of free unit f.
    func row(_ f: Int) -> Range<Int> { Int(rowStart[f])..<Int(rowStart[f + 1]) }

    /// Units that calls which may be held can take from each home beat: those free above the floor.
    private func addReserves(priced: Bool, firstNeuron: Int) throws(PatrolError) {
        let beats = situation.engine.area.beatCount
        for beat in 0..<beats { freeInBeat[beat] = 0 }
        for f in 0..<situation.freeCount {
            let unit = snapshot.units[Int(situation.free[f])]
            if unit.status == .patrolling && unit.homeBeat >= 0 { freeInBeat[Int(unit.homeBeat)] += 1 }
        }
        for beat in 0..<beats where freeInBeat[beat] > 0 {
            let slack = max(0, Int(freeInBeat[beat]) - rules.reservePerBeat)
            if priced {
                program.bias[firstNeuron + beat] = -Double(slack)
                program.weight[firstNeuron + beat] = -Double(rules.reservePrice)
            } else {
                try program.addReserve(limit: slack)
            }
            let reserve = Int32(program.reserveCount - 1)
            for p in 0..<program.pairCount where countsAgainstReserve(p, beat) {
                if priced {
                    program.counter[p] = Int32(firstNeuron + beat)
                } else {
                    try program.addReserveMember(pair: p)
                    reserveOf[p] = reserve
                }
            }
        }
    }

    private func countsAgainstReserve(_ p: Int, _ beat: Int) -> Bool {
        let unit = snapshot.units[Int(situation.free[Int(program.pairRow[p])])]
        return Int(unit.homeBeat) == beat && unit.status == .patrolling
            && program.protected[Int(program.pairColumn[p])] == 0
    }
}
