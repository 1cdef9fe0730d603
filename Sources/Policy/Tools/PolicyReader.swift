/// The policies of a folder's texts, read as far as they can be: one that cannot be read does not hide the faults
/// of those that follow it.
struct PolicyReader {
    struct Entry {
        let source: PolicySource
        let policy: CedarPolicy
    }

    private(set) var entries: [Entry] = []
    private(set) var findings: [PolicyFinding] = []

    init(_ files: PolicyFiles) {
        for (name, text) in files.ending(in: ".cedar") {
            let source = PolicySource(name, text)
            do throws(CedarFault) {
                entries += try CedarParser.policies(in: text).map { Entry(source: source, policy: $0) }
            } catch {
                readPieces(text, source, first: error)
            }
        }
    }

    /// Reads policy by policy: in Cedar a `;` ends a policy and stands nowhere else.
    private mutating func readPieces(_ text: String, _ source: PolicySource, first: CedarFault) {
        guard let tokens = try? CedarLexer.tokens(of: text) else {
            note(first, source)
            return
        }
        let ends = tokens.filter { $0.kind == .symbol(";") }.map(\.position)
        var pieces = Self.pieces(of: text, endingAt: ends)
        if pieces.count > Self.mostPieces { pieces = [] }
        guard !pieces.isEmpty else {
            note(first, source)
            return
        }
        for piece in pieces {
            do throws(CedarFault) {
                entries += try CedarParser.policies(in: piece).map { Entry(source: source, policy: $0) }
            } catch {
                note(error, source)
            }
        }
    }

    /// Each piece is the text again, blank outside of one policy, so that places stay what they are.
    private static let mostPieces = 1000

    private static func pieces(of text: String, endingAt ends: [CedarPosition]) -> [String] {
        var pieces: [String] = []
        var before = ""
        var piece = ""
        var (line, column, next) = (1, 1, 0)
        for scalar in text.unicodeScalars {
            piece.unicodeScalars.append(scalar)
            if next < ends.count, line == ends[next].line, column == ends[next].column {
                pieces.append(before + piece)
                before = blank(upTo: line, column)
                piece = ""
                next += 1
            }
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        if piece.contains(where: { !$0.isWhitespace }) { pieces.append(before + piece) }
        return pieces
    }

    /// Blanks that reach to the end of a place.
    private static func blank(upTo line: Int, _ column: Int) -> String {
        String(repeating: "\n", count: line - 1) + String(repeating: " ", count: column)
    }

    private mutating func note(_ fault: CedarFault, _ source: PolicySource) {
        findings.append(
            source.finding(
                .error, .syntax, at: fault.position, fault.message,
                "write it as the language has it, or take it out: as it is, nothing of the folder is loaded"))
    }
}
