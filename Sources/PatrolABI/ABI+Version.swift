import CPatrol
import PatrolModel

@_cdecl("patrol_abi_version") @implementation
public func patrol_abi_version() -> UInt32 { UInt32(PATROL_ABI_VERSION) }

@_cdecl("patrol_version") @implementation
public func patrol_version() -> UnsafePointer<CChar>! { staticText(PATROL_VERSION_TEXT) }

@_cdecl("patrol_abi_check") @implementation
public func patrol_abi_check(_ abi_version: UInt32, _ error: UnsafeMutablePointer<patrol_error>!) -> Int32 {
    boundary(error) { () throws(PatrolError) in
        try check(
            abi_version == UInt32(PATROL_ABI_VERSION), .versionMismatch,
            "the caller uses ABI version \(abi_version), this library serves version \(UInt32(PATROL_ABI_VERSION))")
    }
}

@_cdecl("patrol_status_name") @implementation
public func patrol_status_name(_ status: Int32) -> UnsafePointer<CChar>! {
    staticText(Status(rawValue: status)?.name ?? "UNKNOWN")
}

private let PATROL_VERSION_TEXT: StaticString = "0.1.0"

private func staticText(_ text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

extension Status {
    var name: StaticString {
        switch self {
        case .ok: "OK"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .structSize: "STRUCT_SIZE"
        case .versionMismatch: "VERSION_MISMATCH"
        case .outOfMemory: "OUT_OF_MEMORY"
        case .io: "IO"
        case .invalidFile: "INVALID_FILE"
        case .unsupported: "UNSUPPORTED"
        case .mismatch: "MISMATCH"
        case .outOfRange: "OUT_OF_RANGE"
        case .invalidNumber: "INVALID_NUMBER"
        case .invalidId: "INVALID_ID"
        case .capacity: "CAPACITY"
        case .unreachable: "UNREACHABLE"
        case .unknownName: "UNKNOWN_NAME"
        case .internalError: "INTERNAL"
        case .sessionTooSmall: "SESSION_TOO_SMALL"
        case .noTime: "NO_TIME"
        }
    }
}
