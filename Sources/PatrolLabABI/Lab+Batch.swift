import CPatrol
import PatrolABI
import PatrolDecisions
import PatrolModel
import PatrolSimulation

@_cdecl("patrol_batch_options_init") @implementation
public func patrol_batch_options_init(_ options: UnsafeMutablePointer<patrol_batch_options>!) {
    initialize(options)
}

@_cdecl("patrol_batch_arrays_init") @implementation
public func patrol_batch_arrays_init(_ arrays: UnsafeMutablePointer<patrol_batch_arrays>!) {
    initialize(arrays)
}

/// Simulations that share scenario and engine. Their references stand in a buffer, since their number comes from outside.
final class BatchHandle {
    private let references: Buffer<OpaquePointer?>
    let width: Int

    init(count: Int, _ make: (Int) throws(PatrolError) -> PatrolEpisodeStream) throws(PatrolError) {
        references = try Buffer(count: count, repeating: nil)
        let first = try make(0)
        width = first.simulator.session.maximumCandidates
        references[0] = try give(first)
        for k in 1..<count { references[k] = try give(make(k)) }
    }

    deinit {
        for k in 0..<references.count { release(references[k], as: PatrolEpisodeStream.self) }
    }

    var count: Int { references.count }

    subscript(k: Int) -> PatrolEpisodeStream {
        Unmanaged<PatrolEpisodeStream>.fromOpaque(UnsafeRawPointer(references[k].unsafelyUnwrapped))
            .takeUnretainedValue()
    }
}

@_cdecl("patrol_batch_create") @implementation
public func patrol_batch_create(
    _ scenario: OpaquePointer!, _ engine: OpaquePointer!, _ options: UnsafePointer<patrol_batch_options>!,
    _ batch: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let model: Scenario = try object(scenario, "scenario")
        let engine: DecisionEngine = try object(engine, "engine")
        let batch = try required(batch, "batch")
        let given = try readOptional(options, "options")
        try checkCount(Int(given.simulations), in: 1...65_536, "simulations")
        try checkPositive(given.episode_seconds, "episode_seconds")
        let seeds = UInt64(given.simulations)
        batch.pointee = try give(
            BatchHandle(count: Int(given.simulations)) { (k) throws(PatrolError) in
                let episodes = try PatrolEpisodeStream(
                    model, engine: engine, seed: given.seeds?[k] ?? given.seed &+ UInt64(k), seedStep: seeds,
                    seconds: given.episode_seconds)
                episodes.simulator.limits.nodeLimit = given.node_limit
                return episodes
            })
    }
}

@_cdecl("patrol_batch_destroy") @implementation
public func patrol_batch_destroy(_ batch: OpaquePointer!) { release(batch, as: BatchHandle.self) }

@_cdecl("patrol_batch_get_width") @implementation
public func patrol_batch_get_width(
    _ batch: OpaquePointer!, _ width: UnsafeMutablePointer<UInt32>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: BatchHandle = try object(batch, "batch")
        try required(width, "width").pointee = UInt32(handle.width)
    }
}

@_cdecl("patrol_batch_step") @implementation
public func patrol_batch_step(
    _ batch: OpaquePointer!, _ first: Int, _ count: Int, _ choices: UnsafePointer<Int32>!,
    _ arrays: UnsafePointer<patrol_batch_arrays>!, _ error: UnsafeMutablePointer<patrol_error>!
) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        let handle: BatchHandle = try object(batch, "batch")
        let arrays = try read(try required(arrays, "arrays"), "arrays")
        try checkCount(Int(arrays.reserved), in: 0...0, "arrays->reserved")
        let features = try required(arrays.features, "arrays->features")
        let moves = try required(arrays.moves, "arrays->moves")
        let all = handle.count
        try check(
            first >= 0 && first <= all && count >= 0 && count <= all - first, .invalidArgument,
            "\(count) simulations from \(first) on were requested; the batch has \(all)")
        for k in first..<first + count { try checkChoice(choices, k, handle[k]) }
        for k in first..<first + count {
            let episodes = handle[k]
            try episodes.take(choice(choices, k, episodes))
            try episodes.advance()
            let row = features + k * handle.width * Int(PATROL_CANDIDATE_FEATURES)
            let found = try episodes.moves(features: row)
            let used = found.count * Int(PATROL_CANDIDATE_FEATURES)
            (row + used).update(repeating: 0, count: handle.width * Int(PATROL_CANDIDATE_FEATURES) - used)
            moves[k] = UInt32(found.count)
            write(episodes, found, row: k, width: handle.width, into: arrays)
        }
    }
}

/// The caller's choice; nil: the engine's.
private func choice(_ choices: UnsafePointer<Int32>?, _ k: Int, _ episodes: PatrolEpisodeStream) -> Int? {
    guard let choices, episodes.moveCount > 0, choices[k] >= 0 else { return nil }
    return Int(choices[k])
}

private func checkChoice(_ choices: UnsafePointer<Int32>?, _ k: Int, _ episodes: PatrolEpisodeStream)
    throws(PatrolError)
{
    guard let choices, episodes.moveCount > 0 else { return }
    try checkIndex(Int(choices[k]), from: -1, below: episodes.moveCount, "choices[\(k)]")
}

private func write(
    _ episodes: PatrolEpisodeStream, _ found: UnsafeBufferPointer<PatrolCandidate>, row k: Int, width: Int,
    into arrays: patrol_batch_arrays
) {
    if let nodes = arrays.nodes {
        for m in 0..<width { nodes[k * width + m] = m < found.count ? UInt32(bitPattern: found[m].node) : .max }
    }
    arrays.units?[k] = UInt32(episodes.unit)
    arrays.time_seconds?[k] = episodes.simulator.now
    arrays.cumulative_cost?[k] = episodes.simulator.cumulativeCost
    arrays.interrupted?[k] = episodes.isInterrupted ? 1 : 0
    arrays.ended?[k] = episodes.hasEnded ? 1 : 0
    arrays.ended_cost?[k] = episodes.hasEnded ? episodes.endedCost : 0
}
