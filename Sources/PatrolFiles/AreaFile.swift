import PatrolModel

/// An area file. Format in `Formats.md`.
public enum AreaFile {
    /// - Throws: `invalidFile`, `unsupported`, and what `ServiceArea.init` throws.
    public static func area(
        _ file: TensorFile, maximumDemandPoints: Int, patrolSpacing: Float
    ) throws(PatrolError) -> ServiceArea {
        var reader = try FileReader(file, format: "libpatrol area", version: "1")
        var description = AreaDescription()
        description.coordinateSystem = try coordinateSystem(reader)
        let coordinates = try reader.optional("coordinates", [nil, 2])
        if let coordinates {
            description.nodeCount = coordinates.shape[0]
        } else {
            let count = try reader.tensor("node_count", [1]).integers(Int64.self, from: 0, through: 1 << 32)
            description.nodeCount = Int(count[0])
        }
        let nodes = description.nodeCount
        let edges = try reader.tensor("edges", [nil, 2])
        let edgeCount = edges.shape[0]
        let service = try reader.tensor("category_service_seconds", [nil])
        let categories = service.shape[0]
        description.categoryCount = categories
        let rates = try reader.optional("demand_calls_per_hour", [nil, categories, nil])
        description.periodHours = try periodHours(reader, rates)
        description.demandNodeCount = rates?.shape[0] ?? 0

        let arrays = Arrays()
        arrays.coordinates = try coordinates?.doubles()
        arrays.edges = try edges.integers(UInt32.self)
        arrays.patrol = try reader.tensor("edge_patrol_seconds", [edgeCount]).floats()
        arrays.emergency = try reader.floats("edge_emergency_seconds", [edgeCount])
        arrays.beats = try reader.integers("node_beats", [nodes])
        arrays.groups = try reader.integers("node_groups", [nodes])
        arrays.service = try service.floats()
        arrays.weights = try reader.floats("category_weights", [categories])
        arrays.demandNodes = try reader.integers("demand_nodes", [description.demandNodeCount])
        arrays.rates = try rates?.floats()
        arrays.locations = try reader.integers("patrol_locations", [nil])
        arrays.factors = try reader.floats("travel_factors", [2, TravelFactors.hours])
        try reader.finish()
        return try withExtendedLifetime(arrays) { () throws(PatrolError) -> ServiceArea in
            arrays.complete(&description)
            return try ServiceArea(description, maxDemandPoints: maximumDemandPoints, patrolSpacing: patrolSpacing)
        }
    }

    /// The file's arrays, which must live until the area is made: the description only points to them.
    private final class Arrays {
        var coordinates: Buffer<Double>?
        var edges: Buffer<UInt32>?
        var patrol: Buffer<Float>?
        var emergency: Buffer<Float>?
        var beats: Buffer<Int32>?
        var groups: Buffer<Int32>?
        var service: Buffer<Float>?
        var weights: Buffer<Float>?
        var demandNodes: Buffer<UInt32>?
        var rates: Buffer<Float>?
        var locations: Buffer<UInt32>?
        var factors: Buffer<Float>?

        func complete(_ description: inout AreaDescription) {
            description.coordinates = coordinates?.elements
            if let edges { description.edges = edges.elements }
            if let patrol { description.edgePatrolSeconds = patrol.elements }
            description.edgeEmergencySeconds = emergency?.elements
            description.nodeBeats = beats?.elements
            description.nodeGroups = groups?.elements
            if let service { description.categoryServiceSeconds = service.elements }
            description.categoryWeights = weights?.elements
            description.demandNodes = demandNodes?.elements
            if let rates { description.demandCallsPerHour = rates.elements }
            if let locations { description.patrolLocations = locations.elements }
            description.travelFactors = factors?.elements
        }
    }

    private static func coordinateSystem(_ reader: FileReader) throws(PatrolError) -> CoordinateSystem {
        guard let text = reader.file.metadata(named: "coordinate_system") else {
            throw PatrolError(
                .invalidFile,
                "metadata \"coordinate_system\" is missing, expected \"none\", \"planar\" or \"geographic\"")
        }
        if text.equals("none") { return .none }
        if text.equals("planar") { return .planar }
        if text.equals("geographic") { return .geographic }
        throw PatrolError(
            .invalidFile,
            "metadata \"coordinate_system\" is \(text.quoted), expected \"none\", \"planar\" or \"geographic\"")
    }

    private static func periodHours(_ reader: FileReader, _ rates: Tensor?) throws(PatrolError) -> Int {
        let stated = try reader.number("period_hours", digits: 4)
        guard let rates else { return Int(stated ?? 1) }
        guard let stated, Int(stated) == rates.shape[2] else {
            throw PatrolError(
                .invalidFile,
                "metadata \"period_hours\" is \(stated.map { "\($0)" } ?? "missing" as ByteText), expected "
                    + "\(rates.shape[2]), the last dimension of \"demand_calls_per_hour\"")
        }
        return Int(stated)
    }
}
