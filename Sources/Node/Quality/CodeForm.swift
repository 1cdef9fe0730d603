/// The form of the codes of a code system, where it has one that can be checked.
///
/// It keeps what is not a code from being shown as one (an NHS number or a name in the wrong field), and finds codes
/// that were cut short or rounded on their way.
enum CodeForm: Sendable {
    case snomed
    case loinc
    case icd10
    case opcs4

    init?(system: String) {
        switch system {
        // dm+d's codes are SNOMED CT identifiers.
        case "http://snomed.info/sct", "https://dmd.nhs.uk": self = .snomed
        case "http://loinc.org": self = .loinc
        case "http://hl7.org/fhir/sid/icd-10": self = .icd10
        case "https://fhir.hl7.org.uk/CodeSystem/OPCS-4": self = .opcs4
        default: return nil
        }
    }

    func matches(_ code: String) -> Bool {
        let bytes = Array(code.utf8)
        switch self {
        case .snomed: return Self.isConcept(bytes)
        case .loinc: return Self.isLoinc(bytes)
        case .icd10: return Self.isIcd10(bytes)
        case .opcs4: return Self.isOpcs4(bytes)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
    private static func isCapital(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte) }

    /// A concept's identifier: 6 to 18 digits, the partition `00` or `10`, and a check digit by Verhoeff.
    /// Source: SNOMED CT Release File Specifications, "SNOMED CT Identifiers" and "Verhoeff check digit".
    private static func isConcept(_ bytes: [UInt8]) -> Bool {
        guard (6...18).contains(bytes.count), bytes.allSatisfy(isDigit), bytes[0] != 0x30 else {
            return false
        }
        let partition = bytes[(bytes.count - 3)..<(bytes.count - 1)]
        guard partition.elementsEqual("00".utf8) || partition.elementsEqual("10".utf8) else { return false }
        return bytes.reversed().enumerated().reduce(0) { check, digit in
            dihedral(check, permuted(Int(digit.element) - 0x30, digit.offset))
        } == 0
    }

    /// The dihedral group of order 10: 0 to 4 are turns, 5 to 9 turns and a flip.
    private static func dihedral(_ left: Int, _ right: Int) -> Int {
        switch (left < 5, right < 5) {
        case (true, true): (left + right) % 5
        case (true, false): (left + right - 5) % 5 + 5
        case (false, true): (left - 5 - right + 5) % 5 + 5
        case (false, false): (left - right + 5) % 5
        }
    }

    private static let permutation = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]

    private static func permuted(_ digit: Int, _ times: Int) -> Int {
        (0..<(times % 8)).reduce(digit) { digit, _ in permutation[digit] }
    }

    /// Up to seven digits, a hyphen and a check digit modulo 10 (LOINC Users' Guide, "LOINC codes": Mod 10, Luhn).
    private static func isLoinc(_ bytes: [UInt8]) -> Bool {
        guard (3...9).contains(bytes.count), bytes[bytes.count - 2] == 0x2D else { return false }
        let digits = bytes.dropLast(2) + bytes.suffix(1)
        guard digits.allSatisfy(isDigit) else { return false }
        let sum = digits.dropLast().reversed().enumerated().reduce(0) { sum, digit in
            let doubled = (Int(digit.element) - 0x30) * (digit.offset % 2 == 0 ? 2 : 1)
            return sum + doubled / 10 + doubled % 10
        }
        return (10 - sum % 10) % 10 == Int(bytes[bytes.count - 1]) - 0x30
    }

    /// A letter, two digits, then up to two more characters; X fills a code of three (NHS ICD-10 5th edition).
    private static func isIcd10(_ bytes: [UInt8]) -> Bool {
        let code = bytes.filter { $0 != 0x2E }
        guard (3...6).contains(code.count), bytes.count - code.count <= 1, isCapital(code[0]),
            isDigit(code[1]), isDigit(code[2])
        else { return false }
        return code.dropFirst(3).allSatisfy { isDigit($0) || $0 == 0x58 || "ADPR*+-".utf8.contains($0) }
    }

    /// A letter, two digits, and a digit after an optional point (NHS OPCS-4.10).
    private static func isOpcs4(_ bytes: [UInt8]) -> Bool {
        let code = bytes.filter { $0 != 0x2E }
        guard (3...4).contains(code.count), bytes.count - code.count <= 1 else { return false }
        return isCapital(code[0]) && code.dropFirst().allSatisfy(isDigit)
    }
}
