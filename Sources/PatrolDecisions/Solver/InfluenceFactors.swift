/// The influences of a value network's hidden neurons, which are never written down for each pair:
///
///     A_pk = row[r, k] + column[g, k] + share_p · later[g, k],    r the pair's row, g the part of its column
///
/// The arrays are the caller's; they stay as they are while the program is in use.
struct InfluenceFactors {
    /// Hidden neurons that have factors: the first of the program's.
    let count: Int
    /// Shape [rows, width], [parts, width], [parts, width]; aligned to 64 bytes, the width a multiple of 8.
    let row, column, later: UnsafePointer<Double>
    let width: Int
    /// Shape [columns]: which part each column has.
    let partOfColumn: UnsafePointer<Int32>

    func influence(_ row: Int, _ column: Int, _ share: Float, _ neuron: Int) -> Double {
        let part = Int(partOfColumn[column]) * width + neuron
        return self.row[row * width + neuron] + self.column[part] + Double(share) * later[part]
    }

    /// More than any |A_pk| (1 + weight), summed over all of them.
    func magnitude(rows: Int, parts: Int, pairs: Int, weight: UnsafePointer<Double>) -> Double {
        var total = 0.0
        for neuron in 0..<count {
            var (greatest, ofColumns, ofLater) = (0.0, 0.0, 0.0)
            for index in 0..<rows { greatest = max(greatest, row[index * width + neuron].magnitude) }
            for index in 0..<parts {
                ofColumns = max(ofColumns, column[index * width + neuron].magnitude)
                ofLater = max(ofLater, later[index * width + neuron].magnitude)
            }
            total += (1 + weight[neuron].magnitude) * (greatest + ofColumns + ofLater)
        }
        return total * Double(pairs)
    }
}
