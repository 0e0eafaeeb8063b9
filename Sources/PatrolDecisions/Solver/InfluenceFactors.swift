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

    /// At least |row| + |column| + |share · later| of every pair, as shares are at most 1.
    func magnitude(_ neuron: Int, rows: Int, columns: Int) -> Double {
        var (ofRows, ofColumns) = (0.0, 0.0)
        for index in 0..<rows { ofRows = max(ofRows, row[index * width + neuron].magnitude) }
        for index in 0..<columns {
            let part = Int(partOfColumn[index]) * width + neuron
            ofColumns = max(ofColumns, column[part].magnitude + later[part].magnitude)
        }
        return ofRows + ofColumns
    }
}
