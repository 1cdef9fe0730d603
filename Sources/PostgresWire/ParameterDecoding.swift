internal import Core

/// Parameters as clients send them, read as text.
enum ParameterDecoding {
    static func decode(_ bytes: [UInt8], oid: Int32, _ format: WireFormat) throws(SQLFault) -> String {
        if format == .text {
            guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
                throw SQLFault(
                    SQLState(rawValue: "22021"), "a parameter is not text in UTF-8")
            }
            return text
        }
        var reader = WireReader(bytes)
        let text: String?
        do throws(FrameError) {
            text = try read(&reader, bytes, oid)
            try reader.finish()
        } catch {
            throw invalid(oid)
        }
        guard let text else { throw invalid(oid) }
        return text
    }

    private static func invalid(_ oid: Int32) -> SQLFault {
        SQLFault(
            SQLState(rawValue: "22P03"),
            "a parameter of type \(oid) is not in a binary form that is read here",
            hint: "Send it as text.")
    }

    private static func read(
        _ reader: inout WireReader, _ bytes: [UInt8], _ oid: Int32
    ) throws(FrameError) -> String? {
        switch oid {
        case 16: return try reader.byte() == 0 ? "false" : "true"
        case 21: return String(try reader.integer(Int16.self))
        case 23: return String(try reader.integer(Int32.self))
        case 20: return String(try reader.integer(Int64.self))
        case 26: return String(try reader.integer(UInt32.self))
        case 700:
            let number = Float(bitPattern: try reader.integer(UInt32.self))
            return number.isFinite ? "\(number)" : nil
        case 701:
            let number = Double(bitPattern: try reader.integer(UInt64.self))
            return number.isFinite ? "\(number)" : nil
        case 1700: return try Decimals.text(&reader)
        case 1082: return date(Int(try reader.integer(Int32.self)))
        case 1114, 1184: return moment(try reader.integer(Int64.self))
        case 2950:
            let hex = try reader.take(16).map { byte in
                (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
            return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { hex[$0].joined() }.joined(separator: "-")
        case 0, 19, 25, 114, 705, 1042, 1043:
            defer { reader = WireReader([]) }
            return bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
        default:
            guard let element = ArrayType.element(oid) else { return nil }
            return try array(&reader, of: element)
        }
    }

    /// Dimensions, whether any element is NULL, the elements' type; for each dimension its size and first index; then
    /// the elements (PostgreSQL 15, `array_recv`).
    private static func array(_ reader: inout WireReader, of element: Int32) throws(FrameError) -> String? {
        let dimensions = try reader.int32()
        guard (0...1).contains(dimensions), (0...1).contains(try reader.int32()),
            try reader.integer(Int32.self) == element
        else { return nil }
        guard dimensions == 1 else { return ArrayText.text([]) }
        let count = try reader.int32()
        _ = try reader.int32()
        guard count >= 0 else { return nil }
        var items: [String?] = []
        for _ in 0..<count {
            let length = try reader.int32()
            guard length != -1 else {
                items.append(nil)
                continue
            }
            let bytes = try reader.take(length)
            var inner = WireReader(bytes)
            guard let item = try read(&inner, bytes, element) else { return nil }
            try inner.finish()
            items.append(item)
        }
        return ArrayText.text(items)
    }

    private static func date(_ days: Int) -> String? {
        // Years 1 to 9999, which is what dates are here.
        (-730_119...2_921_939).contains(days) ? Civil.formatDate(days + WireType.epochDays) : nil
    }

    private static func moment(_ microseconds: Int64) -> String? {
        let day = microseconds / 86_400_000_000
        guard (-730_119...2_921_939).contains(day) else { return nil }
        return Civil.formatTimestamp(microseconds + WireType.epochMicroseconds)
    }
}
