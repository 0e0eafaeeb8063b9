/// What travel times are multiplied by in one hour of the week.
///
/// A travel time is the area's own, rounded to a float as ever, times the factor of the hour of departure, rounded to the
/// nearest float (IEEE 754): the same on every machine, the same time where the factor is 1, and never shorter than
/// another time that is no shorter in the area. One factor serves all roads, so paths, nearest places and posts stay the same.
public struct TravelFactors: BitwiseCopyable, Sendable {
    public static let hours = 168

    public var patrol: Float = 1
    public var emergency: Float = 1
    /// Emergency seconds / patrol seconds, within 10⁻⁶ ... 10⁶.
    public var emergencyRatio: Float = 1

    public init() {}

    /// - Parameter baseRatio: emergency seconds / patrol seconds of the area's own times.
    init(patrol: Float, emergency: Float, baseRatio: Float) {
        (self.patrol, self.emergency) = (patrol, emergency)
        emergencyRatio = min(max(baseRatio * (emergency / patrol), 1e-6), 1e6)
    }

    @inline(__always)
    public subscript(mode: TravelMode) -> Float { mode == .patrol ? patrol : emergency }

    /// [168], from Monday 00:00.
    static func week(
        _ given: UnsafeBufferPointer<Float>?, baseRatio: Float
    ) throws(PatrolError) -> Buffer<TravelFactors> {
        let usual = TravelFactors(patrol: 1, emergency: 1, baseRatio: baseRatio)
        let week = try Buffer(count: hours, repeating: usual)
        guard let given else { return week }
        for hour in 0..<hours {
            week[hour] = TravelFactors(patrol: given[hour], emergency: given[hours + hour], baseRatio: baseRatio)
        }
        return week
    }
}

extension ServiceArea {
    /// What holds for departures at a time since a Monday 00:00.
    @inline(__always)
    public func travelFactors(at time: Double) -> TravelFactors {
        travelFactors[ServiceArea.hour(ofWeekAt: time, period: TravelFactors.hours)]
    }

    /// Whether the hour of departure makes any difference.
    public var travelVaries: Bool {
        travelFactors.elements.contains {
            $0.patrol != travelFactors[0].patrol || $0.emergency != travelFactors[0].emergency
        }
    }
}
