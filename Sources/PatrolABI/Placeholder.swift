import CPatrol
import PatrolModel
@_cdecl("patrol_abi_version") @implementation
public func patrol_abi_version() -> UInt32 { 1 }
