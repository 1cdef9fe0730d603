internal import Foundation
internal import Hummingbird
internal import Mustache
internal import Node
internal import Store

/// The pages' templates, and the frame around them: names, navigation, the token for changes.
struct ConsoleTemplates: Sendable {
    private let library: MustacheLibrary
    let assets: ConsoleAssets

    /// - Parameter folder: `Pages/`.
    /// - Throws: `NodeError` naming what is missing or wrong.
    init(folder: String, share: String = ConsoleAssets.share) async throws {
        do {
            library = try await MustacheLibrary(directory: folder)
            assets = try ConsoleAssets(folder: folder + "/assets", share: share)
        } catch let error as MustacheLibrary.ParserError {
            throw NodeError(
                .configuration, "Pages/\(error.filename) is no template (line \(error.context.lineNumber))")
        } catch {
            throw NodeError(.configuration, "cannot read Pages/: install the whole of Pages beside Schemas")
        }
    }

    /// - Throws: `APIFailure` for a template that there is not: a fault of the program.
    func render(_ template: String, _ values: [String: any Sendable]) throws -> String {
        guard let text = library.render(values, withTemplate: template) else {
            throw APIFailure.anotherReply
        }
        return text
    }

    /// A whole page.
    func page(
        _ template: String, title: String, _ values: ConsoleValues, for visitor: ConsoleVisitor
    ) throws -> String {
        var all: [String: any Sendable] = [
            "pageTitle": title, "organisation": visitor.organisation, "assets": addresses,
        ]
        if let caller = visitor.caller {
            all["signedInAs"] = caller.user.name
            all["signedInRoles"] = caller.roles.sorted().joined(separator: ", ")
            all["changeToken"] = visitor.changeToken
        }
        all["sections"] = visitor.sections
        all["tabs"] = visitor.tabs
        all["hasTabs"] = visitor.tabs.count > 1
        if let said = visitor.said { all["said"] = said }
        all.merge(values.members) { _, own in own }
        return try render(template, all)
    }

    private var addresses: [String: String] {
        let names = [
            "mark.svg", "console.css", "console.js", "desk.css", "desk.js", "workbench.css", "workbench.js",
            "charts.js",
            "codemirror.js",
            "codemirror.css", "codemirror-sql.js", "codemirror-hint.js", "codemirror-hint.css",
            "codemirror-sql-hint.js", "chart.js",
        ]
        return names.reduce(into: [:]) { found, name in
            found[name.replacing(/[.-]/, with: "_")] = assets.address(name)
        }
    }
}

/// Who looks at a page, and from where.
struct ConsoleVisitor: Sendable {
    let caller: Caller?
    let changeToken: String
    let organisation: String
    let path: String
    /// What was done just before, in words.
    var said: String?

    private var mine: [ConsoleSection] {
        guard let caller else { return [] }
        return ConsoleSections.all.filter { !caller.roles.isDisjoint(with: $0.roles.map(\.rawValue)) }
    }

    /// Whether the page of this path belongs to what stands in the navigation.
    private func isWithin(_ own: String) -> Bool { path == own || path.hasPrefix(own + "/") }

    private var current: ConsoleSection? {
        mine.first { section in section.tabs.contains { isWithin($0.path) } }
    }

    /// For the navigation.
    var sections: [[String: any Sendable]] {
        mine.map { section in
            [
                "name": section.name, "path": section.tabs.first?.path ?? "/",
                "isCurrent": section.name == current?.name,
            ]
        }
    }

    var tabs: [[String: any Sendable]] {
        // The longest path that fits is the one we are at.
        let tabs = current?.tabs ?? []
        let here = tabs.filter { isWithin($0.path) }.max { $0.path.count < $1.path.count }?.path
        return tabs.map { ["name": $0.name, "path": $0.path, "isCurrent": $0.path == here] }
    }
}
