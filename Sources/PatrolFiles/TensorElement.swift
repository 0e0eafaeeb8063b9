/// A type of number that `TensorFileWriter` stores as it is.
public protocol TensorElement: BitwiseCopyable, CustomStringConvertible {
    static var elementType: ElementType { get }
    /// Whether the number is finite; files hold no others.
    var isStorable: Bool { get }
}

extension TensorElement where Self: BinaryInteger {
    public var isStorable: Bool { true }
}

extension TensorElement where Self: BinaryFloatingPoint {
    public var isStorable: Bool { isFinite }
}

extension Double: TensorElement { public static var elementType: ElementType { .f64 } }
extension Float: TensorElement { public static var elementType: ElementType { .f32 } }
extension Int64: TensorElement { public static var elementType: ElementType { .i64 } }
extension Int32: TensorElement { public static var elementType: ElementType { .i32 } }
extension UInt16: TensorElement { public static var elementType: ElementType { .u16 } }
extension UInt8: TensorElement { public static var elementType: ElementType { .u8 } }
