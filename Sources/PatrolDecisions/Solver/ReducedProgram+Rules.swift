import PatrolModel

/// The rules in lists that are quick to follow, and the rows that they do not tell apart.
extension ReducedProgram {
    /// Lists the rows eligible for each protected column, and notes whether rules 3 to 5 are there.
    func listProtectedRows() {
        var count: Int32 = 0
        var grouped = false
        for column in 0..<columns {
            protectedStart[column] = count
            grouped = grouped || program.allOrNone[column] >= 0
            guard program.protected[column] != 0 else { continue }
            for index in Int(assignment.columnStart[column])..<Int(assignment.columnStart[column + 1]) {
                protectedRow[Int(count)] = assignment.pairRow[Int(assignment.columnPair[index])]
                count += 1
            }
        }
        protectedStart[columns] = count
        hasRules = grouped || count > 0 || program.prerequisiteCount > 0
    }

    /// Lists the pairs that are left of each prerequisite, ascending, and counts its slots.
    func listDependents() {
        let count = program.prerequisiteCount
        dependentStart.update(repeating: 0, count: count + 1)
        for pair in 0..<pairs where prerequisite(of: pair) >= 0 { dependentStart[prerequisite(of: pair)] += 1 }
        // Where each list ends; filled from behind, that becomes where it starts.
        for index in 1..<count + 1 { dependentStart[index] += dependentStart[index - 1] }
        for pair in Swift.stride(from: pairs - 1, through: 0, by: -1) where prerequisite(of: pair) >= 0 {
            dependentStart[prerequisite(of: pair)] -= 1
            dependentPair[Int(dependentStart[prerequisite(of: pair)])] = Int32(pair)
        }
        for index in 0..<count {
            slotsToFill[index] = 0
            for column in program.columns(ofPrerequisite: index) {
                slotsToFill[index] += program.capacity[Int(column)]
            }
        }
    }

    /// Joins rows that are alike into rings. - Precondition: all pairs of the program are there.
    @_optimize(speed)
    func findTwins() {
        for row in 0..<rows {
            twin[row] = Int32(row)
            var sum: UInt64 = 0
            for pair in Int(assignment.rowStart[row])..<Int(assignment.rowStart[row + 1]) {
                // Adding 0 makes −0 the 0 that it is.
                sum = (sum &+ (value[pair] + 0).bitPattern) &* 0x9E37_79B9_7F4A_7C15
            }
            likeness[row] = sum
            for other in 0..<row where likeness[other] == sum && twin[other] <= other && areTwins(row, other) {
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
            program.mandatory[row] == program.mandatory[other]
        else { return false }
        for index in 0..<count {
            let (pair, same) = (first + index, second + index)
            guard value[pair] == value[same], assignment.pairColumn[pair] == assignment.pairColumn[same],
                prerequisite(of: pair) == prerequisite(of: same)
            else { return false }
            guard neurons > 0 else { continue }
            let influence = influences.row(pair), other = influences.row(same, at: 1)
            for neuron in 0..<neurons where influence[neuron] != other[neuron] { return false }
        }
        return true
    }

    /// Whether an assignment that keeps rules 1 and 2 keeps the others too.
    func satisfiesRules(_ pairOfRow: UnsafePointer<Int32>, activation: UnsafePointer<Double>) -> Bool {
        for neuron in hidden..<neurons where activation[neuron] < -0.5 { return false }
        guard hasRules else { return true }
        held.update(repeating: 0, count: columns)
        for row in 0..<rows where pairOfRow[row] >= 0 { held[Int(assignment.pairColumn[Int(pairOfRow[row])])] += 1 }
        for column in 0..<columns where program.allOrNone[column] >= 0 {
            let count = held[column], full = count == program.capacity[column]
            for other in 0..<columns where program.allOrNone[other] == program.allOrNone[column] {
                let otherFull = held[other] == program.capacity[other]
                if !(full && otherFull || count == 0 && held[other] == 0) { return false }
            }
        }
        for row in 0..<rows where pairOfRow[row] >= 0 && lacksPrerequisite(Int(pairOfRow[row]), fill: held) {
            return false
        }
        for column in 0..<columns where held[column] < program.capacity[column] {
            for index in Int(protectedStart[column])..<Int(protectedStart[column + 1])
            where pairOfRow[Int(protectedRow[index])] < 0 {
                return false
            }
        }
        return true
    }

    /// Whether a column of the pair's prerequisite is not filled.
    func lacksPrerequisite(_ pair: Int, fill: UnsafePointer<Int32>) -> Bool {
        let index = prerequisite(of: pair)
        guard index >= 0 else { return false }
        for column in program.columns(ofPrerequisite: index) where fill[Int(column)] < program.capacity[Int(column)] {
            return true
        }
        return false
    }
}
