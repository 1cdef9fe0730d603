internal import Core

/// The rows of `generate_series` over constants (PostgreSQL 15, table 9.65).
enum Series {
    private static let most = 10_000

    static func values(
        _ arguments: [Expression], at position: Int?
    ) throws(SQLFault) -> (type: ColumnType, values: [Value]) {
        let types = arguments.map(\.type)
        if (2...3).contains(arguments.count), types.allSatisfy({ $0 == .integer || $0 == .bigint }) {
            let type: ColumnType = types.contains(.bigint) ? .bigint : .integer
            var numbers: [Int64] = []
            for argument in arguments {
                guard case .integer(let number) = argument.folded else { throw noConstant(argument) }
                numbers.append(number)
            }
            return (type, try whole(numbers, at: position))
        }
        if arguments.count == 3, types[2] == .interval || types[2] == .unknown,
            types.prefix(2).allSatisfy({ $0 == .date || $0 == .timestamp })
        {
            return (.timestamp, try times(arguments, at: position))
        }
        throw SQLFault(
            .undefinedFunction,
            "function generate_series(\(types.map(\.rawValue).joined(separator: ", "))) does not exist",
            hint: "Write generate_series(1, 10), or generate_series(DATE '2024-01-01', DATE '2024-12-01', "
                + "INTERVAL '1 month').", position: position)
    }

    private static func whole(_ numbers: [Int64], at position: Int?) throws(SQLFault) -> [Value] {
        let step = numbers.count > 2 ? numbers[2] : 1
        guard step != 0 else { throw zeroStep(position) }
        var values: [Value] = []
        var next = numbers[0]
        while step > 0 ? next <= numbers[1] : next >= numbers[1] {
            guard values.count < most else { throw tooMany(position) }
            values.append(.integer(next))
            let (sum, overflow) = next.addingReportingOverflow(step)
            if overflow { break }
            next = sum
        }
        return values
    }

    private static func times(_ arguments: [Expression], at position: Int?) throws(SQLFault) -> [Value] {
        let step = try Coercion.implicit(arguments[2], to: .interval)
        guard case .timestamp(let first) = try Coercion.implicit(arguments[0], to: .timestamp).folded,
            case .timestamp(let last) = try Coercion.implicit(arguments[1], to: .timestamp).folded,
            case .interval(let months, let days, let microseconds) = step.folded
        else { throw noConstant(arguments.first { $0.folded == nil } ?? arguments[0]) }
        let rough = Int64(months) * 30 * 86_400_000_000 + Int64(days) * 86_400_000_000 + microseconds
        guard rough != 0 else { throw zeroStep(position) }
        var values: [Value] = []
        var next = first
        while rough > 0 ? next <= last : next >= last {
            guard values.count < most else { throw tooMany(position) }
            values.append(.timestamp(next))
            next = moved(next, months: Int(months)) + Int64(days) * 86_400_000_000 + microseconds
        }
        return values
    }

    /// A month later is the same day, or the last of a shorter month.
    private static func moved(_ time: Int64, months: Int) -> Int64 {
        let perDay: Int64 = 86_400_000_000
        let ofDay = (time % perDay + perDay) % perDay
        let date = Civil.date(days: Int((time - ofDay) / perDay))
        let month = date.year * 12 + date.month - 1 + months
        let (year, place) = (month >= 0 ? month / 12 : (month - 11) / 12, ((month % 12) + 12) % 12 + 1)
        let day = min(date.day, Civil.daysInMonth(year: year, month: place))
        return Int64(Civil.days(year: year, month: place, day: day)) * perDay + ofDay
    }

    private static func noConstant(_ argument: Expression) -> SQLFault {
        .unsupported(
            "generate_series over anything but constants", "Write its bounds as literals.",
            at: argument.position)
    }

    private static func zeroStep(_ position: Int?) -> SQLFault {
        SQLFault(SQLState(rawValue: "22023"), "step size cannot equal zero", position: position)
    }

    private static func tooMany(_ position: Int?) -> SQLFault {
        SQLFault(
            .programLimitExceeded, "a series has at most \(most) rows", hint: "Take a larger step.",
            position: position)
    }
}

extension Expression {
    /// The value of a constant, a minus before it and casts of literals included.
    fileprivate var folded: Value? {
        switch node {
        case .literal(let value): return value.isNull ? nil : value
        case .call(.negate, let arguments):
            switch arguments[0].folded {
            case .integer(let number): return .integer(-number)
            case .interval(let months, let days, let microseconds):
                return .interval(months: -months, days: -days, microseconds: -microseconds)
            default: return nil
            }
        default: return nil
        }
    }
}
