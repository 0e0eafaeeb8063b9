import CKernels
import PatrolModel

/// Runs `body` once for each shard 0 ..< `count` on up to `threads` threads and returns when all are done.
///
/// Results do not depend on the number of threads where each shard writes memory of its own. Used by trainers only.
/// - Throws: the error of the lowest shard that threw; the others have run.
public func runShards(
    _ count: Int, threads: Int, _ body: (Int) throws(PatrolError) -> Void
) throws(PatrolError) {
    guard count > 0 else { return }
    if threads <= 1 || count == 1 {
        for shard in 0..<count { try body(shard) }
        return
    }
    try withoutActuallyEscaping(body) { (body) throws(PatrolError) in
        let work = try Work(body)
        // Threads that are waited for may need the reserve that this one would hold.
        try checkMemory()
        kernels_run_shards(
            count, threads,
            { context, thread, shard in
                guard let context else { return }
                Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().run(shard, thread: thread)
            }, Unmanaged.passUnretained(work).toOpaque())
        try withExtendedLifetime(work) { (work) throws(PatrolError) in try work.finish() }
    }
}

private final class Work {
    private let body: (Int) throws(PatrolError) -> Void
    /// The first shard of each thread that threw, and what; nil for one that had no memory, whose sentence would keep a part
    /// of the reserve beyond its thread.
    private let failedShard: Buffer<Int>
    private var errors: [PatrolError?]

    init(_ body: @escaping (Int) throws(PatrolError) -> Void) throws(PatrolError) {
        self.body = body
        failedShard = try Buffer(count: Int(KERNELS_MOST_THREADS), repeating: .max)
        errors = [PatrolError?](repeating: nil, count: Int(KERNELS_MOST_THREADS))
    }

    func run(_ shard: Int, thread: Int) {
        do throws(PatrolError) {
            try body(shard)
            try checkMemory()
        } catch {
            guard failedShard[thread] == .max else { return }
            failedShard[thread] = shard
            if kernels_reserve_held() == 0 { errors.withUnsafeMutableBufferPointer { $0[thread] = error } }
        }
    }

    func finish() throws(PatrolError) {
        var first = 0
        for thread in 1..<failedShard.count where failedShard[thread] < failedShard[first] { first = thread }
        guard failedShard[first] != .max else { return }
        throw errors[first] ?? PatrolError(.outOfMemory, "no memory for a small object")
    }
}

/// The gradient of a batch, summed over shards of a fixed number of rows in order: the same bytes with any number of threads.
public final class ShardedGradient {
    public let rowsPerShard: Int
    public let maximumRows: Int
    /// Shape [parameters].
    public let sum: Buffer<Float>
    private let parts: Buffer<Float>

    public var maximumShards: Int { (maximumRows + rowsPerShard - 1) / rowsPerShard }

    /// - Throws: `outOfMemory`.
    public init(parameterCount: Int, maximumRows: Int, rowsPerShard: Int) throws(PatrolError) {
        self.maximumRows = maximumRows
        self.rowsPerShard = rowsPerShard
        sum = try Buffer(count: parameterCount, repeating: 0)
        parts = try Buffer(count: parameterCount * ((maximumRows + rowsPerShard - 1) / rowsPerShard), repeating: 0)
    }

    /// - Parameter body: writes the gradient of some rows, with working memory of the shard's own.
    public func compute(
        rows: Int, threads: Int,
        _ body: (_ shard: Int, _ rows: Range<Int>, _ gradient: UnsafeMutablePointer<Float>) throws(PatrolError) -> Void
    ) throws(PatrolError) {
        let shards = (rows + rowsPerShard - 1) / rowsPerShard
        let count = sum.count
        try runShards(shards, threads: threads) { shard throws(PatrolError) in
            let first = shard * rowsPerShard
            try body(shard, first..<min(rows, first + rowsPerShard), parts.base + shard * count)
        }
        for k in 0..<count { sum[k] = 0 }
        for shard in 0..<shards {
            let part = parts.base + shard * count
            for k in 0..<count { sum.base[k] += part[k] }
        }
    }
}
