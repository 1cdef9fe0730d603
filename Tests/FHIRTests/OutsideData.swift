import Foundation

/// Data that is not part of the project, named by `CONCORDAT_OUTSIDE_DATA`.
enum OutsideData {
    static let root = ProcessInfo.processInfo.environment["CONCORDAT_OUTSIDE_DATA"]

    static var isHere: Bool { root != nil }

    static func path(_ relative: String) -> String { (root ?? "") + "/" + relative }
}

/// The project's `Schemas` folder.
let schemas = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Schemas").path
