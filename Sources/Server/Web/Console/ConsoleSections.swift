/// Everything of the console: a section for each kind of work, and what everybody has.
enum ConsoleSections {
    /// In the order of the navigation; somebody's home page is the first that they have.
    static let all: [ConsoleSection] = [
        WorkbenchPages.section, DeskPages.section, OperationsPages.section, LogPages.section,
    ]

    static let pages = EverybodysPages.all + all.flatMap(\.pages)

    /// Where somebody begins.
    static func home(of roles: Set<String>) -> String {
        all.first { !roles.isDisjoint(with: $0.roles.map(\.rawValue)) }?.tabs.first?.path ?? "/account"
    }
}
