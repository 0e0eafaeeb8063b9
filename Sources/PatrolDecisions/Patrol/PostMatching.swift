import CKernels
import PatrolModel

/// Units matched with posts, at least as many, by least total travel: one unit after the other takes the shortest augmenting path,
/// on a dense table (`DenseAssignment` prices it first, and matches otherwise where matchings are equally good).
///
/// From one decision to the next most units stand where they stood, so prices and matching are kept after each few units, and
/// paths are searched for from the first unit on that stands elsewhere. What is kept never changes an answer.
final class PostMatching {
    /// Units from one kept stage to the next.
    private static let step = 2

    private let mostColumns: Int
    /// Minus travel seconds, shape [rows, columns].
    private let values: Buffer<Double>
    /// What the present matching is of: patrol locations of units, −1 none, and of posts; how many units have been matched, and how
    /// many rows have values.
    private let locations: Buffer<Int32>
    private let places: Buffer<Int32>
    private var (matched, filled, columns) = (0, 0, 0)
    /// The post of each unit, and the unit of each post or −1; 0 for an open post, infinity for a taken one.
    let columnOfRow: Buffer<Int32>
    private let rowOfColumn: Buffer<Int32>
    private let taken: Buffer<Double>
    /// Padded with infinity, as the kernels want it.
    private let prices: Buffer<Double>
    /// Prices and units of posts after each `step` units, shape [rows / step, padded columns].
    private let stagePrices: Buffer<Double>
    private let stageRows: Buffer<Int32>
    /// Of one search; posts whose units it has gone on from.
    private let distance: Buffer<Double>
    private let searchPrices: Buffer<Double>
    private let from: Buffer<Int64>
    private let closed: Buffer<Int32>
    private let closedDistance: Buffer<Double>

    init(rows: Int, columns: Int, _ memory: inout WorkingMemory) {
        mostColumns = (columns + 7) & ~7
        values = memory.buffer(unwritten: rows * columns)
        locations = memory.buffer(count: rows, repeating: -1)
        places = memory.buffer(count: columns, repeating: -1)
        columnOfRow = memory.buffer(count: rows, repeating: -1)
        rowOfColumn = memory.buffer(count: mostColumns, repeating: -1)
        taken = memory.buffer(count: mostColumns, repeating: 0)
        prices = memory.buffer(count: mostColumns, repeating: .infinity)
        stagePrices = memory.buffer(unwritten: rows / PostMatching.step * mostColumns)
        stageRows = memory.buffer(unwritten: rows / PostMatching.step * mostColumns)
        distance = memory.buffer(count: mostColumns, repeating: .infinity)
        searchPrices = memory.buffer(count: mostColumns, repeating: .infinity)
        from = memory.buffer(count: mostColumns, repeating: 0)
        closed = memory.buffer(count: mostColumns, repeating: 0)
        closedDistance = memory.buffer(count: mostColumns, repeating: 0)
    }

    /// Matches units with posts, into `columnOfRow`.
    /// - Parameters:
    ///   - units: patrol location of each, −1 where no road leads out of its place; no more than posts.
    ///   - posts: patrol location of each, or −1.
    ///   - seconds: travel seconds from a patrol location to all others.
    /// - Returns: false where the clock ended it first.
    func match(
        _ units: UnsafeBufferPointer<Int32>, with posts: UnsafeBufferPointer<Int32>, _ clock: CallClock,
        seconds: (Int32) -> UnsafePointer<Float>
    ) -> Bool {
        var same = 0
        if arePlaces(posts) {
            while same < min(matched, units.count) && locations[same] == units[same] { same += 1 }
            if same < matched { goBack(to: same / PostMatching.step) }
        } else {
            take(posts)
            goBack(to: 0)
        }
        for row in same..<units.count where row >= filled || locations[row] != units[row] {
            locations[row] = units[row]
            fill(row, units[row] >= 0 ? seconds(units[row]) : nil)
        }
        filled = max(filled, units.count)
        while matched < units.count {
            augment(from: matched)
            matched += 1
            if matched % PostMatching.step == 0 { keepStage(matched / PostMatching.step) }
            if matched & 7 == 0, clock.expired { return false }
        }
        return true
    }

    @_optimize(speed)
    private func fill(_ row: Int, _ seconds: UnsafePointer<Float>?) {
        let (row, places) = (values.base + row * columns, places.base)
        for column in 0..<columns {
            let place = Int(places[column])
            row[column] = -Double(place >= 0 ? seconds?[place] ?? unreachable : unreachable)
        }
    }

    private var unreachable: Float { ServiceArea.unreachableSeconds }

    private func take(_ posts: UnsafeBufferPointer<Int32>) {
        (columns, filled) = (posts.count, 0)
        for column in 0..<columns { places[column] = posts[column] }
        for column in columns..<mostColumns {
            (prices[column], distance[column], searchPrices[column]) = (.infinity, .infinity, .infinity)
        }
    }

    private func arePlaces(_ posts: UnsafeBufferPointer<Int32>) -> Bool {
        guard posts.count == columns else { return false }
        for column in 0..<columns where places[column] != posts[column] { return false }
        return true
    }

    private func keepStage(_ stage: Int) {
        (stagePrices.base + (stage - 1) * mostColumns).update(from: prices.base, count: columns)
        (stageRows.base + (stage - 1) * mostColumns).update(from: rowOfColumn.base, count: columns)
    }

    /// Takes up a stage again; 0: nothing is matched.
    private func goBack(to stage: Int) {
        matched = stage * PostMatching.step
        if stage > 0 {
            prices.base.update(from: stagePrices.base + (stage - 1) * mostColumns, count: columns)
            rowOfColumn.base.update(from: stageRows.base + (stage - 1) * mostColumns, count: columns)
        } else {
            prices.base.update(repeating: 0, count: columns)
            rowOfColumn.base.update(repeating: -1, count: columns)
        }
        for column in 0..<columns {
            let row = Int(rowOfColumn[column])
            taken[column] = row >= 0 ? .infinity : 0
            if row >= 0 { columnOfRow[row] = Int32(truncatingIfNeeded: column) }
        }
    }

    /// Finds the shortest path from a unit to an open post, the first that is met among equally long ones, and moves the units
    /// along it.
    @_optimize(speed)
    private func augment(from root: Int) {
        let (distance, searchPrices, prices, taken) = (distance.base, searchPrices.base, prices.base, taken.base)
        distance.update(repeating: .infinity, count: columns)
        searchPrices.update(from: prices, count: columns)
        var (row, count, end) = (root, 0, 0)
        var (shift, shortest) = (0.0, Double.infinity)
        var found = kernels_reached()
        while true {
            kernels_reach_columns(
                &found, distance, from.base, values.base + row * columns, -.infinity, searchPrices, taken, shift,
                Int64(row), columns)
            if found.open < shortest {
                (shortest, end) = (found.open, 0)
                while taken[end] != 0 || distance[end] != shortest { end += 1 }
            }
            guard found.nearest < shortest else { break }
            let column = Int(found.at)
            closed.base[count] = Int32(truncatingIfNeeded: column)
            closedDistance.base[count] = found.nearest
            count += 1
            // Out of the search: never near again, and never reached.
            distance[column] = .infinity
            searchPrices[column] = .infinity
            row = Int(rowOfColumn.base[column])
            shift = found.nearest - (prices[column] - values.base[row * columns + column])
        }
        for k in 0..<count { prices[Int(closed.base[k])] += shortest - closedDistance.base[k] }
        var column = end
        while true {
            let row = Int(from.base[column]), last = Int(columnOfRow.base[row])
            columnOfRow.base[row] = Int32(truncatingIfNeeded: column)
            rowOfColumn.base[column] = Int32(truncatingIfNeeded: row)
            taken[column] = .infinity
            if row == root { return }
            column = last
        }
    }
}
