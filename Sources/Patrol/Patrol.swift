/// The engine for Swift programs: one import for the area, files, policies, decisions, the simulator and the trainer.
@_exported import PatrolDecisions
@_exported import PatrolFiles
@_exported import PatrolModel
@_exported import PatrolNetworks
@_exported import PatrolSimulation
@_exported import PatrolTraining
