import PatrolDecisions
import PatrolModel
import PatrolNetworks

/// Refines fitted dispatch networks by direct search: the last layer of the pair network, and the linear part and output
/// weights of the value network, where the cost of the simulated system is least (`DirectSearch`). What lies below them,
/// the hidden neurons, stays as regression made it.
final class DispatchSearch {
    let search: DirectSearch
    private let networks: DispatchNetworks
    /// Places of the parameters in the networks' flat vectors.
    private let pairPlaces: [Int]
    private let valuePlaces: [Int]

    init(_ networks: DispatchNetworks, options: SearchOptions, seed: UInt64) throws(PatrolError) {
        self.networks = networks
        (pairPlaces, valuePlaces) = (networks.pairOutputs, networks.valueOutputs)
        search = try DirectSearch(dimensions: pairPlaces.count + valuePlaces.count, options: options, seed: seed)
    }

    /// Begins at the present networks.
    func begin() throws(PatrolError) {
        let parameters = try Buffer<Float>(count: search.scales.count, repeating: 0)
        for (k, place) in pairPlaces.enumerated() { parameters[k] = networks.pair[place] }
        for (k, place) in valuePlaces.enumerated() { parameters[pairPlaces.count + k] = networks.value[place] }
        let linear = pairPlaces.count + (networks.valueShape?.inputs ?? 0)
        setScales(parameters, 0..<pairPlaces.count)
        setScales(parameters, pairPlaces.count..<linear)
        setScales(parameters, linear..<parameters.count)
        search.begin(at: parameters)
    }

    /// Parameters of one kind are measured in their root mean square.
    private func setScales(_ parameters: Buffer<Float>, _ range: Range<Int>) {
        guard !range.isEmpty else { return }
        var squares: Float = 0
        for k in range { squares += parameters[k] * parameters[k] }
        let scale = (squares / Float(range.count)).squareRoot()
        for k in range { search.scales[k] = scale > 0 ? scale : 1 }
    }

    /// Some simulations of a generation; the networks follow when the search is done.
    func advance(_ tasks: [TrainingTask], threads: Int) throws(PatrolError) {
        try search.advance(tasks, threads: threads) { (task, parameters) throws(PatrolError) in
            let (pair, value) = (try Buffer(copying: networks.pair), try Buffer(copying: networks.value))
            store(parameters, pair, value)
            return try networks.engine(task.engine, pair: pair, value: value)
        }
        if search.isDone { store(try search.found(), networks.pair, networks.value) }
    }

    private func store(_ parameters: Buffer<Float>, _ pair: Buffer<Float>, _ value: Buffer<Float>) {
        for (k, place) in pairPlaces.enumerated() { pair[place] = parameters[k] }
        for (k, place) in valuePlaces.enumerated() { value[place] = parameters[pairPlaces.count + k] }
        guard networks.isConcave, let shape = networks.valueShape else { return }
        for range in shape.outputWeights {
            for place in range { value[place] = min(value[place], 0) }
        }
    }
}
