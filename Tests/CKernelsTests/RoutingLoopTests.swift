import CKernels
import PatrolModel
import Testing

/// The loops of routing by one instruction set.
struct RoutingLevel: Sendable, CustomStringConvertible {
    typealias Times = UnsafeMutablePointer<UInt32>
    typealias Indices = UnsafePointer<Int32>

    let description: String
    let customize: @Sendable (Times, Indices, Indices, Indices, Indices, Indices, Int) -> Void
    let climb: @Sendable (Times, Indices, Int, Indices, Indices, Indices, Times) -> Void
    let descend: @Sendable (Times, Int, Indices, Indices, Times) -> Void
    let meet: @Sendable (UnsafePointer<UInt32>, UnsafePointer<UInt32>, Int) -> UInt32
    let seconds: @Sendable (UnsafePointer<UInt32>, UnsafeMutablePointer<Float>, Int) -> Void

    static let all: [RoutingLevel] = {
        var levels = [
            RoutingLevel(
                description: "baseline",
                customize: { kernels_route_customize_baseline($0, $1, $2, $3, $4, $5, $6) },
                climb: { kernels_route_climb_baseline($0, $1, $2, $3, $4, $5, $6) },
                descend: { kernels_route_descend_baseline($0, $1, $2, $3, $4) },
                meet: { kernels_route_meet_baseline($0, $1, $2) },
                seconds: { kernels_route_seconds_baseline($0, $1, $2) })
        ]
        #if arch(x86_64)
            if kernels_instruction_set() >= Int32(KERNELS_AVX2) {
                levels.append(
                    RoutingLevel(
                        description: "AVX2", customize: { kernels_route_customize_avx2($0, $1, $2, $3, $4, $5, $6) },
                        climb: { kernels_route_climb_avx2($0, $1, $2, $3, $4, $5, $6) },
                        descend: { kernels_route_descend_avx2($0, $1, $2, $3, $4) },
                        meet: { kernels_route_meet_avx2($0, $1, $2) },
                        seconds: { kernels_route_seconds_avx2($0, $1, $2) }))
            }
        #endif
        return levels
    }()
}

@Suite struct RoutingLoopTests {
    private static let unreachable = UInt32(KERNELS_UNREACHABLE)
    /// A node's arcs to all higher ones: the densest hierarchy.
    private static let offsets: [Int32] = [0, 8, 15, 21, 26, 30, 33, 35, 36, 36]
    private static let heads: [Int32] = (Int32(0)..<9).flatMap { tail -> [Int32] in Array(tail + 1..<9) }

    /// Every fourth is no way.
    private func times(_ count: Int, _ random: inout RandomNumbers) -> [UInt32] {
        (0..<count).map { _ in random.below(4) == 0 ? Self.unreachable : UInt32(random.below(1 << 30)) }
    }

    private func sum(_ a: UInt32, _ b: UInt32) -> UInt32 { min(a + b, Self.unreachable) }

    @Test(arguments: RoutingLevel.all) func labelsMeetAtTheLeastSum(level: RoutingLevel) {
        var random = RandomNumbers(seed: 31)
        for count in [0, 1, 15, 16, 17, 32, 100] {
            let (a, b) = (times(count + 16, &random), times(count + 16, &random))
            #expect(level.meet(a, b, count) == (0..<count).map { sum(a[$0], b[$0]) }.min() ?? Self.unreachable)
        }
        #expect(
            level.meet(Array(repeating: Self.unreachable, count: 32), Array(repeating: 0, count: 32), 16)
                == Self.unreachable)
    }

    @Test(arguments: RoutingLevel.all) func secondsAreTheNearestFloats(level: RoutingLevel) {
        var random = RandomNumbers(seed: 32)
        for count in [0, 1, 7, 16, 33] {
            let given = times(count, &random)
            var seconds = [Float](repeating: -1, count: count + 1)
            level.seconds(given, &seconds, count)
            #expect(seconds == given.map { $0 == Self.unreachable ? .infinity : Float(Double($0) / 1000) } + [-1])
        }
    }

    @Test(arguments: RoutingLevel.all) func searchesRelaxEveryArcInEveryLane(level: RoutingLevel) {
        var random = RandomNumbers(seed: 33)
        var weights = times(4 * Self.heads.count, &random)
        let slots: [Int32] = (0..<9).map { 8 - $0 }
        let before = times(16 * 9, &random)
        var (climbed, descended) = (before, before)
        level.climb(&climbed, (0..<9).map { Int32($0) }, 9, slots, Self.offsets, Self.heads, &weights)
        level.descend(&descended, 9, Self.offsets, Self.heads, &weights)
        for lane in 0..<16 {
            var (up, down) = ((0..<9).map { before[16 * (8 - $0) + lane] }, (0..<9).map { before[16 * $0 + lane] })
            for tail in 0..<9 {
                for head in tail + 1..<9 { up[head] = min(up[head], sum(up[tail], weights[4 * arc(tail, head)])) }
            }
            for tail in (0..<9).reversed() {
                for head in tail + 1..<9 { down[tail] = min(down[tail], sum(down[head], weights[4 * arc(tail, head)])) }
            }
            #expect((0..<9).map { climbed[16 * (8 - $0) + lane] } == up)
            #expect((0..<9).map { descended[16 * $0 + lane] } == down)
        }
    }

    @Test(arguments: RoutingLevel.all) func customizingTakesEveryLowerTriangle(level: RoutingLevel) throws {
        var random = RandomNumbers(seed: 34)
        let before = times(4 * Self.heads.count, &random)
        // The weights are aligned as the engine's memory is.
        let weights = try Buffer<UInt32>(count: before.count, repeating: 0)
        for place in 0..<before.count { weights[place] = before[place] }
        let node = 4
        var positions = [Int32](repeating: -1, count: 9)
        for head in node + 1..<9 { positions[head] = Int32(arc(node, head)) }
        let lower = (0..<node).map { Int32($0) }
        level.customize(
            weights.base, Self.offsets, Self.heads, positions, lower, lower.map { Int32(arc(Int($0), node)) },
            lower.count)
        var expected = before
        for head in node + 1..<9 {
            for tail in 0..<node {
                for column in 0..<4 {
                    let way = sum(before[4 * arc(tail, node) + (column ^ 1)], before[4 * arc(tail, head) + column])
                    expected[4 * arc(node, head) + column] = min(expected[4 * arc(node, head) + column], way)
                }
            }
        }
        #expect((0..<before.count).map { weights[$0] } == expected)
    }

    private func arc(_ tail: Int, _ head: Int) -> Int { Int(Self.offsets[tail]) + head - tail - 1 }
}
