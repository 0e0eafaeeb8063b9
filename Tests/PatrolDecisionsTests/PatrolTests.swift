import Foundation
import PatrolModel
import PatrolNetworks
import TestSupport
import Testing

@testable import PatrolDecisions

@Suite struct PatrolTests {
    private func moves(_ session: DecisionSession) throws -> [PatrolMove] {
        try session.decidePatrol(afterDispatch: false)
        return (0..<session.snapshot.unitCount).map { session.moves[$0] }
    }

    @Test func unitsSeeTheTargetsOfEarlierOnes() throws {
        // Two units on one node of a street: were they blind to each other, both would go the same way.
        let session = try City(side: 5, seed: 1).area().session()
        session.begin()
        session.add(unit: 12)
        session.add(unit: 12)
        let both = try moves(session)
        #expect(both[0].target != both[1].target)
        session.begin()
        session.add(unit: 12) { $0.id = 9 }
        session.add(unit: 12) { $0.id = 3 }
        session.snapshot.unitOrder[0] = 1
        session.snapshot.unitOrder[1] = 0
        let reversed = try moves(session)
        #expect(reversed[1].target == both[0].target, "the lower id decides first")
    }

    @Test func onlyUnitsThatAreDueDecide() throws {
        var options = EngineOptions()
        options.stalePositionSeconds = 100
        let session = try City(side: 4, seed: 2).area().session(options)
        session.begin()
        session.add(unit: 0) { $0.secondsToNode = 5 }
        session.add(unit: 1) { $0.secondsUntilDue = 5 }
        session.add(unit: 2) { $0.status = .onScene }
        session.add(unit: 3) { $0.status = .offDuty }
        session.add(unit: 4) { $0.positionAge = 101 }
        session.add(unit: 5)
        let reasons = try moves(session).map(\.reason)
        #expect(reasons == [.notDue, .notDue, .notFree, .notFree, .stalePosition, .policy])
        #expect(try moves(session)[0].target == -1)
    }

    @Test func unitsKeepToTheirBeatAndReturnToIt() throws {
        var options = EngineOptions()
        options.homeBeatPatrol = true
        let area = try City(side: 6, seed: 3).area()
        for policy in PatrolPolicyKind.allCases where policy != .learned {
            options.patrolPolicy = policy
            let session = try area.session(options)
            for node in 0..<36 {
                session.begin()
                session.add(unit: node) { $0.homeBeat = 0 }
                let move = try moves(session)[0]
                if area.beats[node] == 0 {
                    #expect(area.beats[Int(move.target)] == 0, "\(policy) leaves the beat at \(node)")
                } else {
                    #expect(move.reason == .returnToBeat)
                    #expect(move.target == Int32(node - 1), "straight home, to the left")
                }
            }
        }
    }

    @Test func aTargetIsKeptUnlessTheGainPassesTheThreshold() throws {
        var options = EngineOptions()
        let area = try City(side: 6, seed: 4).area()
        let session = try area.session(options)
        session.begin()
        session.add(unit: 14)
        let best = try moves(session)[0].target
        let other: Int32 = best == 15 ? 20 : 15
        session.begin()
        session.add(unit: 14) { $0.target = other }
        let free = try moves(session)[0]
        #expect(free.reason == .policy && free.target == best)
        options.keepTargetGain = 1e6
        let stubborn = try area.session(options)
        stubborn.begin()
        stubborn.add(unit: 14) { $0.target = other }
        let kept = try moves(stubborn)[0]
        #expect(kept.reason == .keptTarget && kept.target == other)
    }

    /// From one corner: were units counted where they are instead of where they go, the later ones would follow the earlier.
    @Test func postsAreReachedStraightAndKept() throws {
        var options = EngineOptions()
        for policy in [PatrolPolicyKind.fixedPosts, .complianceTable, .dmexclp] {
            options.patrolPolicy = policy
            for seed in 0..<6 as Range<UInt64> {
                let session = try City(side: 7, seed: seed).area().session(options)
                var nodes = [0, 0, 0, 0]
                var steps = [0, 0, 0, 0]
                for _ in 0..<20 {
                    session.begin()
                    for node in nodes { session.add(unit: node) }
                    let next = try moves(session).map { Int($0.target) }
                    for k in nodes.indices where next[k] != nodes[k] { steps[k] += 1 }
                    nodes = next
                }
                #expect(steps == nodes.map { $0 / 7 + $0 % 7 }, "\(policy) makes detours or does not rest")
                let posts = session.engine.posts.row(4).map(Int.init)
                if policy == .dmexclp {
                    #expect(Set(nodes).isSubset(of: posts) && Set(nodes).count > 1)
                } else {
                    #expect(nodes.sorted() == posts)
                }
            }
        }
    }

    /// Two units of either beat, far from home at first: each keeps a post of its own beat, which is one for two units.
    @Test func postsLieInTheBeatThatAUnitKeepsTo() throws {
        var options = EngineOptions()
        options.homeBeatPatrol = true
        for policy in [PatrolPolicyKind.fixedPosts, .complianceTable, .dmexclp] {
            options.patrolPolicy = policy
            for seed in 0..<4 as Range<UInt64> {
                let area = try City(side: 6, seed: seed).area()
                let session = try area.session(options)
                var nodes = [35, 0, 34, 30]
                for _ in 0..<20 {
                    session.begin()
                    for (k, node) in nodes.enumerated() { session.add(unit: node) { $0.homeBeat = Int32(k % 2) } }
                    nodes = try moves(session).map { Int($0.target) }
                }
                for beat in 0..<2 {
                    let kept = [nodes[beat], nodes[beat + 2]].sorted()
                    let posts = session.engine.posts(inBeat: Int32(beat)).row(2).map(Int.init)
                    #expect(posts.allSatisfy { area.beats[$0] == Int32(beat) })
                    #expect(policy == .dmexclp ? Set(kept).isSubset(of: posts) : kept == posts, "\(policy) \(seed)")
                }
            }
        }
    }

    /// Units of one beat only, and one that may go anywhere: the other beat's posts and the table's features are untouched.
    @Test func postsOfTheFeatureTableAreThoseOfTheWholeArea() throws {
        var options = EngineOptions()
        options.patrolPolicy = .complianceTable
        let area = try City(side: 6, seed: 2).area()
        func rows(_ homeBeatPatrol: Bool) throws -> [Float] {
            options.homeBeatPatrol = homeBeatPatrol
            let session = try area.session(options)
            session.begin()
            for node in [7, 8, 9] { session.add(unit: node) { $0.homeBeat = 0 } }
            session.add(unit: 10)
            let features = try Buffer<Float>(count: 8 * CandidateTable.width, repeating: 0)
            session.situation.prepare(forDispatch: false)
            try session.patrol.prepare(observing: true)
            try session.patrol.evaluate(0, features: features.base)
            return (0..<CandidateTable.width).map { features[$0] }
        }
        #expect(try rows(true) == rows(false))
    }

    /// The first base covers most demand; with the next ones it shares what both reach, discounted by the busy fraction.
    @Test func dmexclpChoosesBasesByMarginalExpectedCoverage() throws {
        var options = EngineOptions()
        options.patrolPolicy = .dmexclp
        for seed in 0..<8 as Range<UInt64> {
            let area = try City(side: 6, seed: seed).area()
            let session = try area.session(options)
            var nodes = [0, 5, 30, 35, 14]
            for _ in 0..<15 {
                session.begin()
                for node in nodes { session.add(unit: node) }
                nodes = try moves(session).map { Int($0.target) }
            }
            let situation = session.situation
            func expectedCoverage(_ bases: [Int]) -> Float {
                (0..<situation.points).reduce(0) { sum, v in
                    let reached = bases.filter {
                        area.secondsToPoints(Int32($0))[v] <= 2 * situation.postSeconds
                    }.count
                    return sum + situation.demand[v]
                        * (0..<reached).reduce(0) { share, k in
                            share + (1 - situation.load) * powf(situation.load, Float(k))
                        }
                }
            }
            #expect(situation.load > 0.05 && situation.load < 0.95)
            var greedy: [Int] = []
            for _ in nodes {
                greedy.append(
                    session.engine.posts.row(5).map(Int.init).max {
                        expectedCoverage(greedy + [$0]) < expectedCoverage(greedy + [$1])
                    }!)
            }
            #expect(abs(expectedCoverage(nodes) - expectedCoverage(greedy)) < 1e-5)
        }
    }

    /// With a fleet the choice is still that of trying every base for every unit, and takes a fraction of the work.
    @Test func dmexclpLooksAtFewBasesAgain() throws {
        var options = EngineOptions()
        options.patrolPolicy = .dmexclp
        for seed in 0..<3 as Range<UInt64> {
            let session = try City(side: 8, seed: seed).area().session(options, units: 40)
            session.begin()
            for node in 0..<40 { session.add(unit: node) }
            _ = try moves(session)
            let situation = session.situation, posts = session.engine.posts.row(40)
            let q = max(0.05, min(situation.load, 0.95)), area = session.engine.area
            var gain = (0..<situation.points).map { (1 - q) * situation.demand[$0] }
            func reached(_ base: Int32) -> [Int] {
                gain.indices.filter {
                    area.secondsToPoints(area.pointNodes[Int(base)])[$0] <= 2 * situation.postSeconds
                }
            }
            var chosen: [Int32] = []
            for _ in 0..<40 {
                var (best, most) = (posts[0], -1 as Float)
                for post in posts {
                    let added = reached(post).reduce(0 as Float) { $0 + gain[$1] }
                    if added > most { (best, most) = (post, added) }
                }
                for v in reached(best) { gain[v] *= q }
                chosen.append(best)
            }
            let bases = session.patrol.posts.bases
            #expect(Array(bases.chosen(inBeat: -1)) == chosen)
            #expect(bases.evaluations < 40 * 40 / 3, "\(bases.evaluations) of 1,600")
        }
    }

    @Test func closedRoadsAreNotTaken() throws {
        let area = try City(side: 3, seed: 6).area()
        for policy in PatrolPolicyKind.allCases where policy != .learned {
            var options = EngineOptions()
            options.patrolPolicy = policy
            let session = try area.session(options)
            session.begin()
            session.add(unit: 0)
            try session.snapshot.overlay.reset(capacity: 2)
            for to in [1, 3] {
                _ = try session.snapshot.overlay.insert(
                    from: 0, to: to, patrolSeconds: .infinity, emergencySeconds: .infinity)
            }
            let move = try moves(session)[0]
            #expect(move.target == 0 && move.reason == .noChoice, "\(policy)")
        }
    }

    /// Whatever a unit that stays could have done instead, its move is the same; whether there was anything is told.
    @Test(arguments: [false, true]) func aUnitThatStaysHasAChoiceWhereThereIsOne(homeBeat: Bool) throws {
        var options = EngineOptions()
        (options.patrolPolicy, options.homeBeatPatrol) = (.stay, homeBeat)
        // A road that leads to a dead end, and a node without any.
        var city = City(side: 6, seed: 8)
        city.nodeCount += 2
        city.beats = (0..<city.nodeCount).map { Int32($0 / 12) }
        city.coordinates = nil
        city.coordinateSystem = .none
        city.edges += [35, 36]
        city.patrolSeconds.append(20)
        city.emergencySeconds?.append(15)
        city.groups?.append(contentsOf: [0, 0])
        city.demand += Array(repeating: 0, count: 2 * 2 * 24)
        city.locations = [0, 7, 16, 28, 33]
        let session = try city.area().session(options)
        for target: Int32 in [-1, 28] {
            for node in 0..<city.nodeCount {
                session.begin()
                session.add(unit: node) { ($0.target, $0.homeBeat) = (target, 1) }
                let move = try moves(session)[0]
                let all = try session.candidates(ofUnit: 0, features: nil)
                #expect(move.target == all[0].node && move.nextNode == all[0].nextNode)
                #expect(move.value == 1 && move.gain == 0 && move.travelSeconds == all[0].seconds)
                guard move.reason != .returnToBeat else { continue }
                #expect(move.reason == (all.count > 1 ? .policy : .noChoice), "\(node) to \(target)")
                #expect(homeBeat || (all.count > 1) == (node < 36))
            }
        }
    }

    @Test func randomPoliciesDependOnSeedTimeAndUnitAlone() throws {
        var options = EngineOptions()
        let area = try City(side: 6, seed: 7).area()
        for policy in [PatrolPolicyKind.randomWalk, .demandWalk] {
            options.patrolPolicy = policy
            var targets: [[Int32]] = []
            for seed in [1, 1, 2] as [UInt64] {
                options.seed = seed
                let session = try area.session(options)
                targets.append(
                    try (0..<50).map { minute in
                        session.begin(time: Double(60 * minute))
                        session.add(unit: 14)
                        return try moves(session)[0].target
                    })
            }
            #expect(targets[0] == targets[1])
            #expect(targets[0] != targets[2])
            #expect(Set(targets[0]).count >= 4, "it walks")
        }
    }
}
