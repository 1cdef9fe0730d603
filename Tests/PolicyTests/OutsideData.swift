import Foundation

/// Data that is not part of the project, named by `CONCORDAT_OUTSIDE_DATA`.
enum OutsideData {
    static let folder = ProcessInfo.processInfo.environment["CONCORDAT_OUTSIDE_DATA"].map {
        URL(filePath: $0)
    }

    static var isHere: Bool { folder != nil }
}
