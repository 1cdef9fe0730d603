// From a value to what is inside it.

extension Evaluator {
    private static var resourceTypeKey: Tape.Text { StaticText("resourceType").text }
    private static var urlKey: Tape.Text { StaticText("url").text }
    private static var extensionKey: Tape.Text { StaticText("extension").text }

    mutating func navigate(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        if program[step.first].operation == .this {
            try visit(step, focus)
            return
        }
        if step.operation == .member || step.operation == .typedMember || step.operation == .descendants,
            case .node(let node, _) = focus, let owner = straight(step.first, node)
        {
            try visit(step, .node(owner, .none))
            return
        }
        let isBelow = step.operation == .member && program[step.first].operation == .descendants
        let base = stack.count
        try evaluate(isBelow ? program[step.first].first : step.first, focus)
        let end = stack.count
        for index in base..<end {
            if isBelow {
                try below(stack[index], step)
            } else {
                try visit(step, stack[index])
            }
        }
        collapse(base, end)
    }

    /// `descendants().NAME`, without the descendants on the stack, in their order.
    private mutating func below(_ item: PathItem, _ step: PlacedStep) throws(Fault) {
        guard case .node(let object, _) = item, case .text(let name, _) = step.value else { return }
        try below(object, name, step.hint)
    }

    /// Of each element first what its values have of that name, then what is further below.
    private mutating func below(_ object: Int, _ name: Tape.Text, _ hint: TypeHint) throws(Fault) {
        guard tape.kind(object) == Tape.Kind.object else { return }
        var (node, end) = tape.inside(object)
        while node < end {
            let value = node + 1
            let next = tape.next(value)
            let kind = tape.kind(value)
            if kind == Tape.Kind.object, isElement(node) {
                try spend(1)
                member(value, name, hint)
                try below(value, name, hint)
            } else if kind == Tape.Kind.array, isElement(node) {
                let base = stack.count
                push(value, .none)
                let middle = stack.count
                try spend(middle - base)
                for place in base..<middle {
                    guard case .node(let inner, _) = stack[place], tape.kind(inner) == Tape.Kind.object else {
                        continue
                    }
                    member(inner, name, hint)
                }
                for place in base..<middle {
                    if case .node(let inner, _) = stack[place] { try below(inner, name, hint) }
                }
                collapse(base, middle)
            }
            node = next
        }
    }

    /// Members that are elements: not the type's name, nor what stands beside a primitive.
    @inline(__always)
    private func isElement(_ key: Int) -> Bool {
        switch tape.initial(key) {
        case UInt8(ascii: "_"): false
        case UInt8(ascii: "r"): !tape.text(key).equals(Self.resourceTypeKey)
        default: true
        }
    }

    /// Where a chain of element names leads from a node, if each is one value: nothing has to be pushed for that.
    /// nil where a list, a choice element or nothing is in the way.
    private func straight(_ index: Int32, _ node: Int) -> Int? {
        switch program[index].operation {
        case .this: return node
        case .resource: return Tape.root
        case .member:
            guard let owner = straight(program[index].first, node),
                case .text(let name, _) = program[index].value,
                let value = tape.member(owner, name)
            else { return nil }
            return tape.kind(value) == Tape.Kind.object ? value : nil
        default: return nil
        }
    }

    @inline(__always)
    private mutating func visit(_ step: PlacedStep, _ item: PathItem) throws(Fault) {
        if step.operation == .member {
            if case .node(let node, _) = item, case .text(let name, _) = step.value,
                tape.kind(node) == Tape.Kind.object
            {
                member(node, name, step.hint)
            }
        } else {
            try visitOther(step, item)
        }
    }

    private mutating func visitOther(_ step: PlacedStep, _ item: PathItem) throws(Fault) {
        if step.operation == .ofDataType {
            if isOf(item, step.hint) { stack.append(item) }
            return
        }
        guard case .node(let node, _) = item, tape.kind(node) == Tape.Kind.object else { return }
        switch step.operation {
        case .children: try children(node, deep: false)
        case .descendants: try children(node, deep: true)
        default:
            guard case .text(let name, _) = step.value else { return }
            if step.operation == .typedMember {
                typedMember(node, name, step)
            } else if let type = tape.member(node, Self.resourceTypeKey),
                tape.kind(type) == Tape.Kind.string
            {
                record?.examine(type)
                if tape.text(type).equals(name) { stack.append(item) }
            }
        }
    }

    /// An element by its name; if there is none, a choice element whose name starts so and ends in a type.
    private mutating func member(_ object: Int, _ name: Tape.Text, _ hint: TypeHint) {
        var (node, end) = tape.inside(object)
        var choice: (value: Int, hint: TypeHint)?
        let first = name.first ?? 0
        while node < end {
            if tape.initial(node) == first, case let key = tape.text(node) {
                if key.count == name.count {
                    if key.hasPrefix(name) {
                        push(node + 1, hint)
                        return
                    }
                } else if key.count > name.count, (0x41...0x5A).contains(key[name.count]),
                    key.hasPrefix(name),
                    let type = TypeHint(suffix: Tape.Text(rebasing: key[name.count...]))
                {
                    choice = (node + 1, type)
                }
            }
            node = tape.next(node + 1)
        }
        if let choice { push(choice.value, choice.hint) }
    }

    /// An element by its name and type; one that is no choice element if its value is of the type.
    private mutating func typedMember(_ object: Int, _ key: Tape.Text, _ step: PlacedStep) {
        let nameLength = Int(step.detail)
        var plain: Int?
        let first = key.first ?? 0
        var (node, end) = tape.inside(object)
        while node < end {
            guard tape.initial(node) == first else {
                node = tape.next(node + 1)
                continue
            }
            let found = tape.text(node)
            if found.count == key.count {
                if found.equals(key) {
                    push(node + 1, step.hint)
                    return
                }
            } else if found.count == nameLength, key.hasPrefix(found) {
                plain = node + 1
            }
            node = tape.next(node + 1)
        }
        guard let value = plain else { return }
        let base = stack.count
        push(value, .none)
        var kept = base
        for index in base..<stack.count where isOf(stack[index], step.hint) {
            stack[kept] = stack[index]
            kept += 1
        }
        truncate(to: kept)
    }

    /// Pushes a value; an array as its elements. JSON nulls (which stand for "only extensions") are nothing.
    mutating func push(_ node: Int, _ hint: TypeHint) {
        switch tape.kind(node) {
        case Tape.Kind.null: return
        case Tape.Kind.array:
            var (item, end) = tape.inside(node)
            while item < end {
                push(item, hint)
                item = tape.next(item)
            }
        default: stack.append(.node(node, hint))
        }
    }

    /// Elements, and beside primitives what stands under their name with `_`.
    mutating func shadow(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        guard case .text(let name, _) = step.value else { return }
        try evaluate(step.first, focus)
        let base = stack.count
        try evaluate(step.second, focus)
        let end = stack.count
        for index in base..<end {
            guard case .node(let owner, _) = stack[index], let found = tape.member(owner, name) else {
                continue
            }
            push(found, .none)
        }
        collapse(base, end)
    }

    private mutating func children(_ object: Int, deep: Bool) throws(Fault) {
        var (node, end) = tape.inside(object)
        while node < end {
            if isElement(node) {
                let base = stack.count
                push(node + 1, .none)
                try spend(stack.count - base)
                if deep { try descendants(from: base) }
            }
            node = tape.next(node + 1)
        }
    }

    private mutating func descendants(from base: Int) throws(Fault) {
        let end = stack.count
        for index in base..<end {
            guard case .node(let node, _) = stack[index], tape.kind(node) == Tape.Kind.object else {
                continue
            }
            try children(node, deep: true)
        }
    }

    mutating func extensions(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        guard case .text(let url, _) = (try singleton(step.second, focus)).primitive(tape) else { return }
        let base = stack.count
        try evaluate(step.first, focus)
        let end = stack.count
        for index in base..<end {
            guard case .node(let owner, _) = stack[index], let list = tape.member(owner, Self.extensionKey),
                tape.kind(list) == Tape.Kind.array
            else { continue }
            var (node, last) = tape.inside(list)
            while node < last {
                if let found = tape.member(node, Self.urlKey), tape.kind(found) == Tape.Kind.string {
                    record?.examine(found)
                    if tape.text(found).equals(url) { stack.append(.node(node, .none)) }
                }
                node = tape.next(node)
            }
        }
        collapse(base, end)
    }

    // MARK: - Types

    /// Whether a value is of a type: by its element's name, or by what it looks like.
    func isOf(_ item: PathItem, _ type: TypeHint) -> Bool {
        switch item {
        case .empty: return false
        case .boolean: return type == .boolean
        case .integer: return type == .integer || type == .integer64
        case .decimal: return type == .decimal
        case .text(_, let hint): return hint == .none ? type == .string : hint.isKind(of: type)
        case .node(let node, let hint):
            if hint != .none { return hint.isKind(of: type) }
            return looksLike(node, type)
        }
    }

    private func looksLike(_ node: Int, _ type: TypeHint) -> Bool {
        record?.examine(node)
        switch tape.kind(node) {
        case Tape.Kind.yes, Tape.Kind.no: return type == .boolean
        case Tape.Kind.signed:
            return type == .decimal || TypeHint.positiveInt.isKind(of: type) || type == .integer64
                || (type == .positiveInt && tape.integer(node) > 0)
                || (type == .unsignedInt && tape.integer(node) >= 0)
        case Tape.Kind.unsigned, Tape.Kind.double: return type == .decimal
        case Tape.Kind.string:
            let text = tape.text(node)
            switch type {
            case .date: return FHIRTime(text).map { !$0.hasClock } ?? false
            case .dateTime: return FHIRTime(text) != nil
            case .instant: return FHIRTime(text).map { $0.precision >= 14 } ?? false
            case .time: return FHIRTime.Clock(text, from: 0).map { $0.end == text.count } ?? false
            case .boolean, .decimal, .integer, .positiveInt, .unsignedInt: return false
            default: return type.isPrimitive
            }
        default: return DataTypeShape.fits(names(of: node), type)
        }
    }

    private func names(of object: Int) -> [String] {
        guard tape.kind(object) == Tape.Kind.object else { return ["no object"] }
        var names: [String] = []
        var (node, end) = tape.inside(object)
        while node < end {
            names.append(String(decoding: tape.text(node), as: UTF8.self))
            node = tape.next(node + 1)
        }
        return names
    }

    mutating func typeTest(_ step: PlacedStep, _ focus: PathItem) throws(Fault) {
        if try singleton(step.first, focus).isEmpty { return }
        let found = try singleton(step.second, focus)
        if step.operation == .isType {
            stack.append(.boolean(!found.isEmpty))
        } else if !found.isEmpty {
            stack.append(found)
        }
    }
}
