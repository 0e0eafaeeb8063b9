import PatrolModel

/// The rules in lists that are quick to follow, and the rows that they do not tell apart.
extension ReducedProgramme {
    /// Lists the rows eligible for each protected column, and notes whether rules 3 to 5 are there.
    func listProtectedRows() {
        var count: Int32 = 0
        var grouped = false
        for column in 0..<columns {
            protectedStart[column] = count
            grouped = grouped || programme.allOrNone[column] >= 0
            guard programme.protected[column] != 0 else { continue }
            for index in Int(assignment.columnStart[column])..<Int(assignment.columnStart[column + 1]) {
                protectedRow[Int(count)] = assignment.pairRow[Int(assignment.columnPair[index])]
                count += 1
            }
        }
        protectedStart[columns] = count
        hasRules = grouped || count > 0 || programme.implicationCount > 0
    }

    /// Lists the implications whose pair is left by pair and by column.
    func listImplications() {
        neededStart.update(repeating: 0, count: pairs + 1)
        dependentStart.update(repeating: 0, count: columns + 1)
        for pass in 0..<2 {
            for index in 0..<programme.implicationCount {
                let pair = Int(reduced[Int(programme.implicationPair[index])])
                let column = Int(programme.implicationColumn[index])
                guard pair >= 0 else { continue }
                if pass == 1 {
                    neededColumn[Int(neededStart[pair])] = Int32(column)
                    dependentPair[Int(dependentStart[column])] = Int32(pair)
                }
                neededStart[pair] += 1
                dependentStart[column] += 1
            }
            shift(neededStart, pairs, sums: pass == 0)
            shift(dependentStart, columns, sums: pass == 0)
        }
    }

    /// Turns counts into where each list starts, or where each list ends into where it starts.
    private func shift(_ starts: UnsafeMutablePointer<Int32>, _ count: Int, sums: Bool) {
        var start: Int32 = 0
        for index in 0...count {
            let value = starts[index]
            starts[index] = start
            start = sums ? start + value : value
        }
    }

    /// Joins rows that are alike into rings.
    func findTwins() {
        for row in 0..<rows {
            twin[row] = Int32(row)
            for other in 0..<row where twin[other] <= other && areTwins(row, other) {
                // `other` is the last of its ring so far.
                twin[row] = twin[other]
                twin[other] = Int32(row)
                break
            }
        }
    }

    /// Whether two rows have the same pairs, of the same worth and under the same rules.
    private func areTwins(_ row: Int, _ other: Int) -> Bool {
        let first = Int(assignment.rowStart[row]), second = Int(assignment.rowStart[other])
        let count = Int(assignment.rowStart[row + 1]) - first
        guard count > 0, Int(assignment.rowStart[other + 1]) - second == count,
            programme.mandatory[row] == programme.mandatory[other]
        else { return false }
        for index in 0..<count {
            let (pair, same) = (first + index, second + index)
            guard value[pair] == value[same], assignment.pairColumn[pair] == assignment.pairColumn[same],
                neededStart[pair + 1] - neededStart[pair] == neededStart[same + 1] - neededStart[same]
            else { return false }
            for unit in 0..<units where influence[pair * stride + unit] != influence[same * stride + unit] {
                return false
            }
            for need in 0..<(neededStart[pair + 1] - neededStart[pair]) {
                if neededColumn[Int(neededStart[pair] + need)] != neededColumn[Int(neededStart[same] + need)] {
                    return false
                }
            }
        }
        return true
    }

    /// Whether an assignment that keeps rules 1 and 2 keeps the others too.
    func satisfiesRules(_ pairOfRow: UnsafePointer<Int32>, activation: UnsafePointer<Double>) -> Bool {
        for unit in hidden..<units where activation[unit] < -0.5 { return false }
        guard hasRules else { return true }
        held.update(repeating: 0, count: columns)
        for row in 0..<rows where pairOfRow[row] >= 0 { held[Int(assignment.pairColumn[Int(pairOfRow[row])])] += 1 }
        for column in 0..<columns where programme.allOrNone[column] >= 0 {
            let count = held[column], full = count == programme.capacity[column]
            for other in 0..<columns where programme.allOrNone[other] == programme.allOrNone[column] {
                let otherFull = held[other] == programme.capacity[other]
                if !(full && otherFull || count == 0 && held[other] == 0) { return false }
            }
        }
        for row in 0..<rows where pairOfRow[row] >= 0 && unfilledColumn(neededBy: Int(pairOfRow[row]), fill: held) != nil {
            return false
        }
        for column in 0..<columns where held[column] < programme.capacity[column] {
            for index in Int(protectedStart[column])..<Int(protectedStart[column + 1])
            where pairOfRow[Int(protectedRow[index])] < 0 {
                return false
            }
        }
        return true
    }

    /// A column that a pair needs filled and is not, or nil.
    func unfilledColumn(neededBy pair: Int, fill: UnsafePointer<Int32>) -> Int? {
        for index in Int(neededStart[pair])..<Int(neededStart[pair + 1]) {
            let column = Int(neededColumn[index])
            if fill[column] < programme.capacity[column] { return column }
        }
        return nil
    }
}
