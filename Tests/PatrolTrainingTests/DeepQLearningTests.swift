import PatrolModel
import PatrolNetworks
import PatrolTraining
import Testing

/// A small semi-Markov decision problem with random rewards, durations and transitions.
private struct Problem {
    let states = 5
    let actions = 3
    let discountRate = 0.1
    var reward: [Double] = []
    var probabilities: [[Double]] = []
    /// A transition takes one of two times with equal chance.
    var times: [(Double, Double)] = []

    init(_ random: inout RandomNumbers) {
        for _ in 0..<states * actions {
            reward.append(2 * random.uniform() - 1)
            let weights = (0..<states).map { _ in random.uniform() * random.uniform() }
            let sum = weights.reduce(0, +)
            probabilities.append(weights.map { $0 / sum })
            times.append((1 + 4 * random.uniform(), 5 + 10 * random.uniform()))
        }
    }

    func discount(_ time: Double) -> Double {
        // e^(−βt) by its series: no C library in the tests' expectations.
        let x = discountRate * time / 64
        var power = 1 - x + x * x / 2 - x * x * x / 6 + x * x * x * x / 24
        for _ in 0..<6 { power *= power }
        return power
    }

    /// Q of the best policy, by value iteration; shape [states · actions].
    func optimum() -> [Double] {
        var q = [Double](repeating: 0, count: states * actions)
        for _ in 0..<500 {
            let best = (0..<states).map { s in (0..<actions).map { q[s * actions + $0] }.max()! }
            for k in q.indices {
                let next = zip(probabilities[k], best).reduce(0) { $0 + $1.0 * $1.1 }
                q[k] = reward[k] + (discount(times[k].0) + discount(times[k].1)) / 2 * next
            }
        }
        return q
    }

    func step(_ k: Int, _ random: inout RandomNumbers) -> (state: Int, time: Double) {
        var left = random.uniform()
        var next = 0
        while next < states - 1 && left >= probabilities[k][next] {
            left -= probabilities[k][next]
            next += 1
        }
        return (next, random.below(2) == 0 ? times[k].0 : times[k].1)
    }
}

@Suite struct DeepQLearningTests {
    /// With advantage learning, what a candidate falls short of the best is 1 / (1 − α) times as large.
    @Test(arguments: [0, 0.5] as [Float]) func learnsTheOptimumOfASmallProblem(gapShare: Float) throws {
        var random = RandomNumbers(seed: 5)
        let problem = Problem(&random)
        let (states, actions) = (problem.states, problem.actions)
        let width = states * actions
        let form = DecisionForm(width: width, maximumCandidates: actions)
        /// One-hot rows of each action in a state.
        func rows(_ state: Int) -> [Float] {
            var rows = [Float](repeating: 0, count: actions * width)
            for a in 0..<actions { rows[a * width + state * actions + a] = 1 }
            return rows
        }

        let memory = try ReplayMemory(form, capacity: 6000)
        var state = 0
        for _ in 0..<6000 {
            let action = random.below(actions)
            let (next, time) = problem.step(state * actions + action, &random)
            memory.append(
                rows: rows(state), candidates: actions, chosen: action,
                reward: Float(problem.reward[state * actions + action]), discount: Float(problem.discount(time)),
                nextRows: rows(next), nextCandidates: actions)
            state = next
        }
        var options = DeepQOptions()
        options.hidden = []
        options.batch = 128
        options.targetShare = 0.05
        options.huberThreshold = 10
        options.gapShare = gapShare
        let learning = try DeepQLearning(form, options: options, &random)
        let rate = LinearSchedule(from: 0.05, to: 0.0005, steps: 1200)
        for step in 0..<1200 { try learning.step(memory, rate: rate.value(at: step), &random, threads: 1) }

        let network = try learning.network()
        let scratch = try NetworkScratch(for: network, maximumRows: actions)
        let optimum = problem.optimum()
        for state in 0..<states {
            var q = [Float](repeating: 0, count: actions)
            try network.evaluate(rows: actions, input: rows(state), output: &q, scratch: scratch)
            let expected = Array(optimum[state * actions..<(state + 1) * actions])
            let best = expected.max()!
            for a in 0..<actions {
                let magnified = best - (best - expected[a]) / Double(1 - gapShare)
                #expect(abs(Double(q[a]) - magnified) < 0.15)
            }
            #expect(q.firstIndex(of: q.max()!) == expected.firstIndex(of: expected.max()!))
        }
    }

    /// Normalized or not, however deep: the network is the linear function it begins as, and learns on from there.
    @Test(arguments: [[4], [8, 5], [6, 6, 6]]) func beginsAsALinearFunction(hidden: [Int]) throws {
        var random = RandomNumbers(seed: 7)
        let form = DecisionForm(width: 3, maximumCandidates: 2)
        var options = DeepQOptions()
        options.hidden = hidden
        options.batch = 32
        let learning = try DeepQLearning(form, options: options, &random)
        let memory = try ReplayMemory(form, capacity: 50)
        for _ in 0..<50 {
            let row = (0..<3).map { Float(20 * $0) + Float(random.uniform()) }
            memory.append(
                rows: row, candidates: 1, chosen: 0, reward: row[0], discount: 0, nextRows: row, nextCandidates: 0)
        }
        try learning.fitNormalization(memory)
        let weights = try Buffer<Float>(count: 3, repeating: 0)
        (weights[0], weights[2]) = (2, -3)
        learning.begin(linear: weights)
        func values() throws -> [Float] {
            let network = try learning.network()
            var values = [Float](repeating: 0, count: 50)
            for k in 0..<50 {
                try network.evaluate(
                    rows: 1, input: memory[k].rows, output: &values[k],
                    scratch: NetworkScratch(for: network, maximumRows: 1))
            }
            return values
        }
        let first = try values()
        for k in 0..<50 {
            let row = memory[k].rows
            #expect(abs(first[k] - (2 * row[0] - 3 * row[2])) < 1e-3)
        }
        let loss = try learning.step(memory, rate: 1e-3, &random, threads: 1)
        for _ in 0..<20 { try learning.step(memory, rate: 1e-3, &random, threads: 1) }
        #expect(try learning.step(memory, rate: 1e-3, &random, threads: 1) < loss)
    }

    /// The target network changes its mind slowly, the online network at once.
    @Test func theTargetFollowsBySmallShares() throws {
        var random = RandomNumbers(seed: 6)
        let form = DecisionForm(width: 1, maximumCandidates: 1)
        var options = DeepQOptions()
        options.hidden = []
        options.batch = 70
        options.targetShare = 0.125
        let learning = try DeepQLearning(form, options: options, &random)
        let memory = try ReplayMemory(form, capacity: 1)
        memory.append(rows: [1], candidates: 1, chosen: 0, reward: 3, discount: 1, nextRows: [0], nextCandidates: 0)
        let before = Array(learning.online.parameters.elements)
        #expect(Array(learning.target.parameters.elements) == before)
        let loss = try learning.step(memory, rate: 0.5, &random, threads: 2)
        // Nothing follows, so y = 3; Adam's first step is the rate itself.
        #expect(abs(loss - huber(before[0] + before[1] - 3, threshold: 1).loss) < 1e-5)
        for k in 0..<2 {
            #expect(abs(learning.online.parameters[k] - before[k] - 0.5) < 1e-4)
            #expect(abs(learning.target.parameters[k] - before[k] - 0.0625) < 1e-4)
        }
    }
}
