import PatrolModel
import TestSupport

/// All travel times of a city in double precision, the reference for the searches.
struct FloydWarshall {
    let nodeCount: Int
    private(set) var seconds: [Double]

    init(_ city: City, _ mode: TravelMode, changes: [Edge: Float] = [:]) {
        nodeCount = city.nodeCount
        seconds = Array(repeating: .infinity, count: nodeCount * nodeCount)
        for node in 0..<nodeCount { seconds[node * nodeCount + node] = 0 }
        let times = mode == .patrol ? city.patrolSeconds : city.emergencySeconds ?? city.patrolSeconds
        for edge in 0..<city.edgeCount {
            let (from, to) = (Int(city.edges[2 * edge]), Int(city.edges[2 * edge + 1]))
            let time = changes[Edge(from: from, to: to)] ?? times[edge]
            seconds[from * nodeCount + to] = min(seconds[from * nodeCount + to], Double(time))
        }
        for via in 0..<nodeCount {
            for from in 0..<nodeCount {
                for to in 0..<nodeCount {
                    let sum = seconds[from * nodeCount + via] + seconds[via * nodeCount + to]
                    seconds[from * nodeCount + to] = min(seconds[from * nodeCount + to], sum)
                }
            }
        }
    }

    subscript(from: Int, to: Int) -> Float { Float(seconds[from * nodeCount + to]) }
}

struct Edge: Hashable {
    var from: Int
    var to: Int
}
