internal import Yams

extension TableMapping {
    /// Reads a mapping from YAML.
    ///
    /// - Parameter file: as faults name it.
    /// - Throws: `MappingFault` with line and path of what is missing, misspelt or mistyped.
    init(yaml: String, file: String) throws {
        guard yaml.utf8.count <= 1 << 20 else {
            throw MappingFault(mapping: file, line: nil, path: "", message: "is larger than a megabyte")
        }
        let root: Yams.Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch let error as YamlError {
            throw MappingFault(mapping: file, line: nil, path: "", message: "is not YAML: \(error)")
        }
        guard let root else { throw MappingFault(mapping: file, line: 1, path: "", message: "is empty") }
        try self.init(MappingNode(file: file, path: "", node: root))
    }

    private static let keys = [
        "mapping", "title", "source", "filter", "key", "version", "person", "partition", "repeats", "codes",
        "checks", "rows",
    ]

    private init(_ root: MappingNode) throws(MappingFault) {
        let members = try root.members(Self.keys)
        func member(_ name: String) throws(MappingFault) -> MappingNode {
            guard let found = members.first(where: { $0.key == name }) else {
                throw MappingFault(mapping: root.file, line: 1, path: name, message: "is missing")
            }
            return found.value
        }
        let nameNode = try member("mapping")
        name = try nameNode.string()
        guard Self.isName(name) else {
            throw nameNode.fault("must be lower-case letters, digits and hyphens")
        }
        title = try member("title").string()
        for (key, node) in members {
            switch key {
            case "source": source = try Source(node)
            case "filter": filter = try node.text()
            case "key": self.key = try node.texts()
            case "version": version = try node.text()
            case "person": person = try Person(node)
            case "partition":
                for (name, value) in try node.members() {
                    guard Self.isName(name) else { throw value.fault("must be named like 'month'") }
                    partition.append((name, try value.text()))
                }
            case "repeats":
                for (name, value) in try node.members() { repeats[name] = try Repeat(value) }
            case "codes":
                for (name, value) in try node.members() { codes[name] = try CodeTable(value) }
            case "checks": try readChecks(node)
            default: break
            }
        }
        _ = try member("person")
        for item in try member("rows").items() { targets.append(try Target(item)) }
        guard !targets.isEmpty else { throw try member("rows").fault("has no dataset") }
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, (0x61...0x7A).contains(first), text.utf8.count <= 40 else {
            return false
        }
        return text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private mutating func readChecks(_ node: MappingNode) throws(MappingFault) {
        for (key, value) in try node.members(["required", "range", "rules"]) {
            switch key {
            case "required": required = try value.texts()
            case "range":
                for (expression, limits) in try value.members() {
                    let ends = try limits.items()
                    guard ends.count == 2 else { throw limits.fault("must be [lowest, highest]") }
                    let (lower, upper) = (try ends[0].number(), try ends[1].number())
                    guard lower <= upper else { throw limits.fault("is empty") }
                    ranges.append(
                        Range(
                            expression: Text(text: expression, line: limits.line), lower: lower, upper: upper)
                    )
                }
            default:
                for item in try value.items() {
                    var (rule, reason): (Text?, String?) = (nil, nil)
                    for (key, value) in try item.members(["rule", "reason"]) {
                        if key == "rule" { rule = try value.text() } else { reason = try value.string() }
                    }
                    guard let rule, let reason, Self.isName(reason) else {
                        throw item.fault("must have 'rule', and 'reason' in lower-case words with hyphens")
                    }
                    rules.append(Rule(expression: rule, reason: reason))
                }
            }
        }
    }
}

extension TableMapping.Source {
    static let encodings = ["utf-8", "utf-16", "latin-1", "windows-1252"]

    fileprivate init(_ node: MappingNode) throws(MappingFault) {
        for (key, value) in try node.members([
            "kind", "delimiter", "columns", "encoding", "null", "dates", "table",
        ]) {
            switch key {
            case "kind": kind = try value.choice(Kind.self)
            case "delimiter":
                delimiter = try value.string()
                guard delimiter.utf8.count == 1, !["\"", "\n", "\r"].contains(delimiter) else {
                    throw value.fault("must be one character of ASCII, e.g. \"|\" or \"\\t\"")
                }
            case "columns": columns = try value.strings()
            case "encoding":
                encoding = try value.string()
                guard Self.encodings.contains(encoding) else {
                    throw value.fault(
                        "must be one of \(Self.encodings.joined(separator: ", ")); convert other files first")
                }
            case "null": nulls = Set(try value.strings()).union([""])
            case "dates":
                dates = try value.strings()
                guard dates.allSatisfy({ $0.contains("%Y") && !$0.contains("%y") }) else {
                    throw value.fault("must have years of four digits (%Y): two digits do not tell a century")
                }
            default: table = try value.text()
            }
        }
    }
}

extension TableMapping.Person {
    fileprivate init(_ node: MappingNode) throws(MappingFault) {
        for (key, value) in try node.members([
            "nhs_number", "status", "verified", "local_id", "local_system",
        ]) {
            switch key {
            case "nhs_number": number = try value.text()
            case "status": status = try value.text()
            case "verified": verified = try value.strings()
            case "local_id": localID = try value.text()
            default: localSystem = try value.string()
            }
        }
        guard number != nil || localID != nil else { throw node.fault("needs nhs_number or local_id") }
        guard (status == nil) == verified.isEmpty else {
            throw node.fault("needs both status and the values of it that are verified, or neither")
        }
    }
}

extension TableMapping.Repeat {
    fileprivate init(_ node: MappingNode) throws(MappingFault) {
        var (from, to, missing) = (1, 0, "fault")
        for (key, value) in try node.members(["from", "to", "missing"]) {
            switch key {
            case "from": from = try value.whole()
            case "to": to = try value.whole()
            default:
                missing = try value.string()
                guard ["stop", "fault"].contains(missing) else { throw value.fault("must be stop or fault") }
            }
        }
        guard from >= 0, from <= to, to - from < 100 else {
            throw node.fault("must be from … to …, at most 100")
        }
        (first, last, mayStop, line) = (from, to, missing == "stop", node.line)
    }
}

extension TableMapping.CodeTable {
    fileprivate init(_ node: MappingNode) throws(MappingFault) {
        var values: [String: String] = [:]
        var otherwise = Otherwise.quarantine
        for (key, value) in try node.members(["values", "otherwise"]) {
            if key == "values" {
                for (from, to) in try value.members() { values[from] = try to.string() }
                continue
            }
            switch try value.string() {
            case "null": otherwise = .null
            case "keep": otherwise = .keep
            case "quarantine": otherwise = .quarantine
            case let text: otherwise = .value(text)
            }
        }
        guard !values.isEmpty else { throw node.fault("has no values") }
        self.init(values: values, otherwise: otherwise)
    }
}

extension TableMapping.Target {
    fileprivate init(_ node: MappingNode) throws(MappingFault) {
        var (dataset, when, over): (TableMapping.Text?, TableMapping.Text?, TableMapping.Text?) = (
            nil, nil, nil
        )
        var columns: [(name: TableMapping.Text, value: TableMapping.Column)] = []
        for (key, value) in try node.members(["dataset", "when", "over", "columns"]) {
            switch key {
            case "dataset": dataset = try value.text()
            case "when": when = try value.text()
            case "over": over = try value.text()
            default:
                for (name, column) in try value.members() {
                    columns.append(
                        (TableMapping.Text(text: name, line: column.line), try TableMapping.Column(column)))
                }
            }
        }
        guard let dataset else { throw node.fault("does not say which dataset it fills") }
        self.init(dataset: dataset, when: when, over: over, columns: columns)
    }
}

extension TableMapping.Column {
    fileprivate init(_ node: MappingNode) throws(MappingFault) {
        guard node.node.scalar == nil else {
            self = .expression(try node.text())
            return
        }
        var (list, over): (TableMapping.Text?, TableMapping.Text?) = (nil, nil)
        for (key, value) in try node.members(["list", "over"]) {
            if key == "list" { list = try value.text() } else { over = try value.text() }
        }
        guard let list, let over else { throw node.fault("must be an expression, or {list: …, over: …}") }
        self = .list(list, over: over)
    }
}
