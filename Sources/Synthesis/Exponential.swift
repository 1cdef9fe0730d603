internal import Foundation

/// e to the x, named so that files need not import Foundation for it.
func exponential(_ x: Double) -> Double { exp(x) }
