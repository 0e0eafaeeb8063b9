import CKernels
import PatrolModel

/// Augmenting paths where most rows have several columns that are equally good, as with small integers: along such ties no price
/// changes. A row's ties are then looked for once, and a search goes from bit to bit instead of from value to value.
extension DenseAssignment {
    /// Begins with no ties known, and with the columns that are open now.
    func prepareTies() {
        open.update(repeating: 0, count: words)
        for column in 0..<columns where taken[column] == 0 { open[column / 64] |= 1 << UInt64(column % 64) }
        hasTies.update(repeating: 0, count: rows)
    }

    /// Finds a path of ties from a row to an open column, and moves the rows along it. Of the paths it is the one that `augment` finds.
    ///
    /// - Returns: false where there is none; nothing is changed.
    @_optimize(speed)
    func augmentAlongTies(from root: Int) -> Bool {
        reached.update(repeating: 0, count: 2 * words)
        findTies(of: root)
        var row = root
        while true {
            var next = -1
            for word in 0..<words {
                let isNew = ties[row * words + word] & ~reached[word]
                reached[word] |= isNew
                var left = isNew
                while left != 0 {
                    from[64 * word + left.trailingZeroBitCount] = Int64(row)
                    left &= left - 1
                }
                if isNew & open[word] != 0 {
                    let column = 64 * word + (isNew & open[word]).trailingZeroBitCount
                    open[word] ^= 1 << UInt64(column % 64)
                    moveRows(to: column, root: root)
                    return true
                }
                let unseen = reached[word] & ~seen[word]
                if next < 0, unseen != 0 { next = 64 * word + unseen.trailingZeroBitCount }
            }
            guard next >= 0 else { return false }
            seen[next / 64] |= 1 << UInt64(next % 64)
            row = Int(rowOfColumn[next])
            findTies(of: row)
        }
    }

    /// Finds the columns that are as good to a row as its own, or as its best where it has none.
    private func findTies(of row: Int) {
        guard hasTies[row] == 0 else { return }
        hasTies[row] = 1
        let column = Int(columnOfRow[row])
        var slack = column >= 0 ? columnPrice[column] - value(row, column) : 0
        if column < 0 {
            var found = kernels_two_least()
            kernels_two_least(&found, values + row * columns, least, columnPrice, taken, columns)
            slack = found.first
        }
        kernels_find_ties(ties + row * words, values + row * columns, least, columnPrice, slack, columns)
    }
}
