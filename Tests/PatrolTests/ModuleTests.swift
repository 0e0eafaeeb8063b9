import Patrol
import Testing

/// What a Swift program reaches with `import Patrol` alone.
@Suite struct ModuleTests {
    @Test func theExampleDecides() throws {
        #expect(try decideOnce() == "unit 18 goes to call 4711; unit 17 patrols at 0")
    }

    @Test func everyEngineModuleIsReExported() {
        _ = (ServiceArea.self, TensorFile.self, DenseNetwork.self, DecisionEngine.self, Simulator.self, Trainer.self)
    }

    @Test func errorsSayWhatIsWrong() {
        let error = #expect(throws: PatrolError.self) {
            try ServiceArea(AreaDescription(), maxDemandPoints: 256, patrolSpacing: 90)
        }
        #expect(error?.message.isEmpty == false)
    }
}
