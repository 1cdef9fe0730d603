import Core
import Foundation

/// FHIR resources as lines of NDJSON, written by hand.
enum FHIRText {
    /// The place-th number of the 999 range that has a check digit.
    static func number(_ place: Int) -> String {
        var found = -1
        for serial in 0..<1_000_000 {
            let nine = [9, 9, 9] + String(100_000 + serial).compactMap(\.wholeNumberValue)
            guard let check = NHSNumber.checkDigit(nine) else { continue }
            found += 1
            if found == place { return (nine + [check]).map(String.init).joined() }
        }
        return ""
    }

    static func patient(
        _ id: String?, number: String? = nil, sex: String = "female", version: Int? = nil
    ) -> String {
        var fields = [#""resourceType":"Patient""#]
        if let id { fields.append(#""id":"\#(id)""#) }
        fields += meta(version)
        if let number {
            fields.append(
                #""identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\#(number)"}]"#)
        }
        fields += [#""gender":"\#(sex)""#, #""birthDate":"1960-05-04""#]
        return line(fields)
    }

    static func condition(
        _ id: String, of patient: String, code: String = "38341003", onset: String = "2020-01-02",
        version: Int? = nil
    ) -> String {
        line(
            [#""resourceType":"Condition""#, #""id":"\#(id)""#] + meta(version) + [
                #""code":{"coding":[{"system":"http://snomed.info/sct","code":"\#(code)"}]}"#,
                #""subject":{"reference":"Patient/\#(patient)"}"#, #""onsetDateTime":"\#(onset)""#,
            ])
    }

    /// A body mass index.
    static func observation(_ id: String, of patient: String, value: String) -> String {
        line([
            #""resourceType":"Observation""#, #""id":"\#(id)""#, #""status":"final""#,
            #""code":{"coding":[{"system":"http://snomed.info/sct","code":"60621009"}]}"#,
            #""subject":{"reference":"Patient/\#(patient)"}"#, #""effectiveDateTime":"2021-03-04""#,
            #""valueQuantity":{"value":\#(value),"unit":"kg/m2","code":"kg/m2"}"#,
        ])
    }

    private static func meta(_ version: Int?) -> [String] {
        version.map { [#""meta":{"lastUpdated":"2024-01-0\#($0)T00:00:00Z"}"#] } ?? []
    }

    private static func line(_ fields: [String]) -> String { "{\(fields.joined(separator: ","))}" }

    /// Writes lines to a file; a name that ends in `.gz` is compressed.
    static func write(_ lines: [String], to path: String) throws {
        let isCompressed = path.hasSuffix(".gz")
        let plain = isCompressed ? String(path.dropLast(3)) : path
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: plain))
        guard isCompressed else { return }
        let process = Process()
        process.executableURL = URL(filePath: "/bin/gzip")
        process.arguments = ["-f", plain]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw TestFailure(description: "gzip failed") }
    }
}

extension FHIRText {
    /// A Consent with a base and rules below it, each `type` and an HL7 purpose or none.
    static func consent(
        _ id: String, of patient: String, base: String = "OPTOUT", status: String = "active",
        rules: [(type: String, purpose: String?)] = [], scope: String? = nil, version: Int? = nil
    ) -> String {
        let nested = rules.map { type, purpose in
            let named = purpose.map {
                #","purpose":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActReason","code":"\#($0)"}]"#
            }
            return #"{"type":"\#(type)"\#(named ?? "")}"#
        }.joined(separator: ",")
        let meta = version.map { #""meta":{"lastUpdated":"2024-01-0\#($0)T00:00:00Z"},"# } ?? ""
        let scoped = scope.map {
            #""scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"\#($0)"}]},"#
        }
        return #"{"resourceType":"Consent","id":"\#(id)",\#(meta)\#(scoped ?? "")"status":"\#(status)","#
            + #""patient":{"reference":"Patient/\#(patient)"},"#
            + #""policyRule":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"\#(base)"}]},"#
            + #""provision":{"provision":[\#(nested)]}}"#
    }
}
