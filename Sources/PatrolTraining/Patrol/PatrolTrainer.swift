import PatrolDecisions
import PatrolFiles
import PatrolModel
import PatrolNetworks

/// How the score of patrol moves is found.
public enum PatrolMethod: Int32, CaseIterable, Sendable {
    /// Double deep Q-learning by independent learners that share one network (`PatrolLearner`).
    case qLearning = 0
    /// Direct search of the weights of a linear score (`PatrolSearch`).
    case search
    /// A deep network for what moves cost in paired rollouts (`MoveLearner`).
    case rollouts
}

/// One of the three, driven alike.
enum PatrolTrainer {
    case learner(PatrolLearner)
    case search(PatrolSearch)
    case moves(MoveLearner)

    init(_ tasks: [TrainingTask], options: TrainerOptions, seed: UInt64) throws(PatrolError) {
        switch options.patrolMethod {
        case .qLearning: self = .learner(try PatrolLearner(tasks, options: options.patrol, seed: seed))
        case .search: self = .search(try PatrolSearch(tasks, options: options.patrolSearch, seed: seed))
        case .rollouts:
            self = .moves(
                try MoveLearner(tasks, options: options.moves, search: options.patrolSearch, seed: seed))
        }
    }

    func begin(_ tasks: [TrainingTask], warm: Bool) throws(PatrolError) {
        switch self {
        case .learner(let learner): try learner.begin(tasks, warm: warm)
        case .search(let search): try search.begin(tasks, warm: warm)
        case .moves(let learner): try learner.begin(tasks, warm: warm)
        }
    }

    func resume(_ tasks: [TrainingTask]) throws(PatrolError) {
        switch self {
        case .learner(let learner): try learner.resume(tasks)
        case .search(let search): try search.resume(tasks)
        case .moves(let learner): try learner.resume(tasks)
        }
    }

    func advance(threads: Int) throws(PatrolError) {
        switch self {
        case .learner(let learner): try learner.advance(threads: threads)
        case .search(let search): try search.advance(threads: threads)
        case .moves(let learner): try learner.advance(threads: threads)
        }
    }

    var isDone: Bool {
        switch self {
        case .learner(let learner): learner.isDone
        case .search(let search): search.isDone
        case .moves(let learner): learner.isDone
        }
    }

    var eventCount: UInt64 {
        switch self {
        case .learner(let learner): learner.eventCount
        case .search(let search): search.eventCount
        case .moves(let learner): learner.eventCount
        }
    }

    /// Of the present phase that is done.
    var share: Double {
        switch self {
        case .learner(let learner): Double(learner.round) / Double(learner.options.rounds)
        case .search(let search): search.share
        case .moves(let learner): learner.share
        }
    }

    /// Adds the network found so far to a policy file.
    func write(_ writer: PolicyFileWriter) throws(PatrolError) {
        switch self {
        case .learner(let learner):
            let (layers, normalization) = try learner.layers()
            try writer.add(patrol: layers, normalization: normalization)
        case .search(let search): try writer.add(patrol: try search.layers(), normalization: nil)
        case .moves(let learner):
            let (layers, normalization) = try learner.layers()
            try writer.add(patrol: layers, normalization: normalization)
        }
    }

    func save(to writer: TensorFileWriter) throws(PatrolError) {
        switch self {
        case .learner(let learner): try learner.save(to: writer)
        case .search(let search): try search.save(to: writer)
        case .moves(let learner): try learner.save(to: writer)
        }
    }

    func restore(from file: TensorFile) throws(PatrolError) {
        switch self {
        case .learner(let learner): try learner.restore(from: file)
        case .search(let search): try search.restore(from: file)
        case .moves(let learner): try learner.restore(from: file)
        }
    }
}

extension DecisionEngine {
    /// The same engine with a learned patrol policy; it dispatches as before.
    convenience init(_ other: DecisionEngine, patrol: DenseNetwork) throws(PatrolError) {
        let policy = TrainedPolicy(
            patrol: patrol, pair: other.policy?.pair, value: other.policy?.value,
            dispatchUnit: other.policy?.dispatchUnit ?? .minute)
        try self.init(
            other, policy: policy, patrolPolicy: .learned, dispatchPolicy: other.options.dispatchPolicy)
    }
}
