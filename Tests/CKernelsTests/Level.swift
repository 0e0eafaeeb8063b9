import CKernels
import PatrolModel

/// The inner loops of one instruction set.
struct Level: Sendable, CustomStringConvertible {
    typealias Values = UnsafePointer<Float>
    typealias Results = UnsafeMutablePointer<Float>

    private(set) var description: String
    private(set) var denseLayer: @Sendable (Values?, Int, Int, Values?, Int, Int32, Results?) -> Void
    let denseGradient: @Sendable (Values?, Values?, Int, Int, Int, Results?, Results?) -> Void
    let minShifted: @Sendable (Results?, Values?, Float, Float, Int) -> Void
    let insertArrival: @Sendable (Results?, Results?, Results?, Values?, Float, Float, Int) -> Void
    let leastArrivals:
        @Sendable (Results?, Int, UnsafePointer<UInt8>?, UnsafePointer<Values?>?, Values?, Int, Float, Float) -> Void
    let markArrivals: @Sendable (UnsafeMutablePointer<UInt8>?, Values?, Values?, Float, Float, Int) -> Void
    let arrivalsWithout: @Sendable (Results?, Values?, Int, Int, Values?, Float, Float) -> Void
    let coverageGain: @Sendable (Values?, Values?, Values?, Float, Float, Int) -> Float
    let coverageGains: @Sendable (Results?, Values?, Values?, Values?, Float, Int) -> Void
    let dot: @Sendable (Values?, Values?, Int) -> Float
    let dot3: @Sendable (Values?, Values?, Values?, Int) -> Float
    let expDecay: @Sendable (Values?, Float, Results?, Int) -> Void

    /// Those this machine can run, and the dispatched functions, which must be one of them.
    static let all: [Level] = {
        var levels = [
            Level(
                description: "dispatched", denseLayer: { kernels_dense_layer($0, $1, $2, $3, $4, $5, $6) },
                denseGradient: { kernels_dense_gradient($0, $1, $2, $3, $4, $5, $6) },
                minShifted: { kernels_min_shifted($0, $1, $2, $3, $4) },
                insertArrival: { kernels_insert_arrival($0, $1, $2, $3, $4, $5, $6) },
                leastArrivals: { kernels_least_arrivals($0, $1, $2, $3, $4, $5, $6, $7) },
                markArrivals: { kernels_mark_arrivals($0, $1, $2, $3, $4, $5) },
                arrivalsWithout: { kernels_arrivals_without($0, $1, $2, $3, $4, $5, $6) },
                coverageGain: { kernels_coverage_gain($0, $1, $2, $3, $4, $5) },
                coverageGains: { kernels_coverage_gains($0, $1, $2, $3, $4, $5) }, dot: { kernels_dot($0, $1, $2) },
                dot3: { kernels_dot3($0, $1, $2, $3) }, expDecay: { kernels_exp_decay($0, $1, $2, $3) }),
            Level(
                description: "baseline", denseLayer: { kernels_dense_layer_baseline($0, $1, $2, $3, $4, $5, $6) },
                denseGradient: { kernels_dense_gradient_baseline($0, $1, $2, $3, $4, $5, $6) },
                minShifted: { kernels_min_shifted_baseline($0, $1, $2, $3, $4) },
                insertArrival: { kernels_insert_arrival_baseline($0, $1, $2, $3, $4, $5, $6) },
                leastArrivals: { kernels_least_arrivals_baseline($0, $1, $2, $3, $4, $5, $6, $7) },
                markArrivals: { kernels_mark_arrivals_baseline($0, $1, $2, $3, $4, $5) },
                arrivalsWithout: { kernels_arrivals_without_baseline($0, $1, $2, $3, $4, $5, $6) },
                coverageGain: { kernels_coverage_gain_baseline($0, $1, $2, $3, $4, $5) },
                coverageGains: { kernels_coverage_gains_baseline($0, $1, $2, $3, $4, $5) },
                dot: { kernels_dot_baseline($0, $1, $2) }, dot3: { kernels_dot3_baseline($0, $1, $2, $3) },
                expDecay: { kernels_exp_decay_baseline($0, $1, $2, $3) }),
        ]
        #if arch(x86_64)
            if kernels_instruction_set() >= Int32(KERNELS_AVX2) {
                levels.append(
                    Level(
                        description: "AVX2", denseLayer: { kernels_dense_layer_avx2($0, $1, $2, $3, $4, $5, $6) },
                        denseGradient: { kernels_dense_gradient_avx2($0, $1, $2, $3, $4, $5, $6) },
                        minShifted: { kernels_min_shifted_avx2($0, $1, $2, $3, $4) },
                        insertArrival: { kernels_insert_arrival_avx2($0, $1, $2, $3, $4, $5, $6) },
                        leastArrivals: { kernels_least_arrivals_avx2($0, $1, $2, $3, $4, $5, $6, $7) },
                        markArrivals: { kernels_mark_arrivals_avx2($0, $1, $2, $3, $4, $5) },
                        arrivalsWithout: { kernels_arrivals_without_avx2($0, $1, $2, $3, $4, $5, $6) },
                        coverageGain: { kernels_coverage_gain_avx2($0, $1, $2, $3, $4, $5) },
                        coverageGains: { kernels_coverage_gains_avx2($0, $1, $2, $3, $4, $5) },
                        dot: { kernels_dot_avx2($0, $1, $2) }, dot3: { kernels_dot3_avx2($0, $1, $2, $3) },
                        expDecay: { kernels_exp_decay_avx2($0, $1, $2, $3) }))
            }
            if kernels_instruction_set() >= Int32(KERNELS_AVX512) {
                var wide = levels[levels.count - 1]
                wide.description = "AVX-512"
                wide.denseLayer = { kernels_dense_layer_avx512($0, $1, $2, $3, $4, $5, $6) }
                levels.append(wide)
            }
        #endif
        return levels
    }()
}

/// Bits, with every NaN taken for one.
func bits(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? 0x7FC0_0000 : $0.bitPattern } }

extension RandomNumbers {
    mutating func floats(_ count: Int, in range: ClosedRange<Double> = -1...1) -> [Float] {
        (0..<count).map { _ in Float(range.lowerBound + uniform() * (range.upperBound - range.lowerBound)) }
    }
}

/// Around the lane width and its multiples, and some sizes met in use.
let edgeCounts = [0, 1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 100, 240, 255, 1000]
