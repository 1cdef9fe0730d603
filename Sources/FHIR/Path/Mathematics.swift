internal import Foundation

/// The functions of the C library that FHIRPath needs, under names that no function of ours hides.
enum Mathematics {
    static func exp(_ value: Double) -> Double { Foundation.exp(value) }
    static func log(_ value: Double) -> Double { Foundation.log(value) }
    static func pow(_ value: Double, _ exponent: Double) -> Double { Foundation.pow(value, exponent) }
}
