/// The node nearest to a coordinate in a straight line: a k-d tree over the nodes.
///
/// Geographic coordinates are laid flat around the area (equirectangular: longitudes shrink by the cosine of the
/// area's middle latitude), which is exact enough across a metropolitan area and merely monotone beyond it.
/// The tree needs no cell size and no conversion of a coordinate to an integer, so any number is allowed.
final class NodeIndex: Sendable {
    /// The node at the middle of a range splits it: first half, second half; the axis alternates with depth.
    private let order: Buffer<Int32>
    /// [nodes, 2]: metres.
    private let places: Buffer<Double>
    private let projection: Projection

    /// - Parameter coordinates: [nodes, 2], finite, at least one node.
    init(_ coordinates: UnsafeBufferPointer<Double>, _ system: CoordinateSystem) throws(PatrolError) {
        let nodeCount = coordinates.count / 2
        projection = Projection(system, coordinates)
        order = try Buffer(count: nodeCount, repeating: 0)
        places = try Buffer(count: 2 * nodeCount, repeating: 0)
        for node in 0..<nodeCount {
            order[node] = Int32(node)
            (places[2 * node], places[2 * node + 1]) =
                projection.metres(x: coordinates[2 * node], y: coordinates[2 * node + 1])
        }
        var random = RandomNumbers(seed: 0)
        split(0, nodeCount, axis: 0, &random)
    }

    /// Lowest index among equally near nodes; metres are infinite where the coordinate is too far away to tell.
    func nearest(x: Double, y: Double) -> (node: Int, metres: Float) {
        let place = projection.metres(x: x, y: y)
        var best = (squared: Double.infinity, node: Int32.max)
        search(0, order.count, axis: 0, place, &best)
        return best.node == .max ? (0, .infinity) : (Int(best.node), Float(best.squared.squareRoot()))
    }

    private func search(
        _ start: Int, _ end: Int, axis: Int, _ place: (x: Double, y: Double),
        _ best: inout (squared: Double, node: Int32)
    ) {
        guard start < end else { return }
        let middle = (start + end) / 2
        let node = order[middle]
        let dx = place.x - places[2 * Int(node)]
        let dy = place.y - places[2 * Int(node) + 1]
        let squared = dx * dx + dy * dy
        if squared < best.squared || (squared == best.squared && node < best.node) { best = (squared, node) }
        let across = axis == 0 ? dx : dy
        if across < 0 {
            search(start, middle, axis: 1 - axis, place, &best)
            if across * across <= best.squared { search(middle + 1, end, axis: 1 - axis, place, &best) }
        } else {
            search(middle + 1, end, axis: 1 - axis, place, &best)
            if across * across <= best.squared { search(start, middle, axis: 1 - axis, place, &best) }
        }
    }

    private func split(_ start: Int, _ end: Int, axis: Int, _ random: inout RandomNumbers) {
        guard end - start > 1 else { return }
        let middle = (start + end) / 2
        select(middle, start, end, axis, &random)
        split(start, middle, axis: 1 - axis, &random)
        split(middle + 1, end, axis: 1 - axis, &random)
    }

    /// Hoare's quickselect: puts the node of that rank in its place, smaller ones before it.
    private func select(_ rank: Int, _ start: Int, _ end: Int, _ axis: Int, _ random: inout RandomNumbers) {
        var low = start
        var high = end - 1
        while low < high {
            let pivot = order[low + random.below(high - low + 1)]
            var i = low
            var j = high
            while i <= j {
                while precedes(order[i], pivot, axis) { i += 1 }
                while precedes(pivot, order[j], axis) { j -= 1 }
                if i <= j {
                    (order[i], order[j]) = (order[j], order[i])
                    i += 1
                    j -= 1
                }
            }
            if rank <= j { high = j } else if rank >= i { low = i } else { return }
        }
    }

    /// By coordinate, then by index: no two nodes are equal.
    private func precedes(_ a: Int32, _ b: Int32, _ axis: Int) -> Bool {
        let (first, second) = (places[2 * Int(a) + axis], places[2 * Int(b) + axis])
        return first != second ? first < second : a < b
    }
}
