import Foundation

/// A Patient, written by hand, with what says who they are.
struct PatientText {
    var id: String
    /// Each with the code of its verification status, nil for none.
    var numbers: [(number: String, status: String?)] = []
    var links: [(type: String, other: String)] = []
    var birthDate: String? = "1960-05-04"
    var sex: String? = "female"
    /// Minutes of `meta.lastUpdated`.
    var version = 0
    /// Of the verification status.
    var url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    var use: String?

    var json: String {
        var fields = [
            #""resourceType":"Patient","id":"\#(id)""#,
            #""meta":{"lastUpdated":"2024-01-01T00:\#(version < 10 ? "0" : "")\#(version):00Z"}"#,
        ]
        if !numbers.isEmpty {
            let identifiers = numbers.map { number, status in
                let extensions = status.map {
                    #","extension":[{"url":"\#(url)","valueCodeableConcept":{"coding":[{"code":"\#($0)"}]}}]"#
                }
                let use = use.map { #","use":"\#($0)""# } ?? ""
                return
                    #"{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\#(number)"\#(use)\#(extensions ?? "")}"#
            }
            fields.append(#""identifier":[\#(identifiers.joined(separator: ","))]"#)
        }
        if !links.isEmpty {
            let list = links.map { #"{"type":"\#($0.type)","other":{"reference":"Patient/\#($0.other)"}}"# }
            fields.append(#""link":[\#(list.joined(separator: ","))]"#)
        }
        if let sex { fields.append(#""gender":"\#(sex)""#) }
        if let birthDate { fields.append(#""birthDate":"\#(birthDate)""#) }
        return "{\(fields.joined(separator: ","))}"
    }
}
