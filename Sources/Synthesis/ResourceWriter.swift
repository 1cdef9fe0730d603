internal import Core

/// The resource types that are written, each to a file of its own.
package enum SynthesisedType: String, CaseIterable, Sendable {
    case patient = "Patient"
    case condition = "Condition"
    case observation = "Observation"
    case encounter = "Encounter"
    case medicationRequest = "MedicationRequest"
    case procedure = "Procedure"
    case immunization = "Immunization"
    case allergyIntolerance = "AllergyIntolerance"
    case diagnosticReport = "DiagnosticReport"
}

/// Writes one person's resources at one site as FHIR R4 JSON, a line each, in UK Core's shapes.
struct ResourceWriter {
    let site: Int
    let person: SyntheticPerson
    /// Resources of this person at this site so far: part of every id.
    private var serial = 0
    /// One buffer a type, in the order of `SynthesisedType.allCases`.
    var output: [ByteText]

    init(site: Int, person: SyntheticPerson, output: consuming [ByteText]) {
        self.site = site
        self.person = person
        self.output = output
    }

    private mutating func write(_ type: SynthesisedType, _ body: (inout ByteText) -> Void) {
        guard let place = SynthesisedType.allCases.firstIndex(of: type) else { return }
        body(&output[place])
        output[place].add("}\n")
    }

    private mutating func nextID() -> Int {
        serial += 1
        return serial
    }

    private func begin(_ text: inout ByteText, _ type: StaticString, _ serial: Int) {
        text.add(#"{"resourceType":""#)
        text.add(type)
        text.add(#"","id":"s"#)
        text.add(site + 1)
        text.add("-")
        text.add(person.index)
        if serial > 0 {
            text.add("-")
            text.add(serial)
        }
        text.add(#"""#)
    }

    private func subject(_ text: inout ByteText, _ element: StaticString) {
        text.add(#",""#)
        text.add(element)
        text.add(#"":{"reference":"Patient/s"#)
        text.add(site + 1)
        text.add("-")
        text.add(person.index)
        text.add(#""}"#)
    }

    private func encounter(_ text: inout ByteText, _ serial: Int?) {
        guard let serial else { return }
        text.add(#","encounter":{"reference":"Encounter/s"#)
        text.add(site + 1)
        text.add("-")
        text.add(person.index)
        text.add("-")
        text.add(serial)
        text.add(#""}"#)
    }

    private func snomed(_ text: inout ByteText, _ element: StaticString, _ term: CodedTerm) {
        text.add(#",""#)
        text.add(element)
        text.add(#"":{"coding":[{"system":"http://snomed.info/sct","code":""#)
        text.add(term.code)
        text.add(#"","display":""#)
        text.add(term.term)
        text.add(#""}]}"#)
    }

    private func day(_ text: inout ByteText, _ day: Int) {
        let (year, month, dayOfMonth) = Civil.date(days: day)
        text.add(year)
        text.add("-")
        text.add(twoDigits: month)
        text.add("-")
        text.add(twoDigits: dayOfMonth)
    }

    private func instant(_ text: inout ByteText, _ day: Int, _ minute: Int) {
        self.day(&text, day)
        text.add("T")
        text.add(twoDigits: minute / 60 % 24)
        text.add(":")
        text.add(twoDigits: minute % 60)
        text.add(":00+00:00")
    }

    mutating func patient() {
        let person = person
        write(.patient) { [self] text in
            begin(&text, "Patient", 0)
            text.add(
                #","extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory""#
            )
            text.add(
                #","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategory","code":""#
            )
            text.add(person.ethnicity)
            text.add(#""}]}}]"#)
            if let number = person.nhsNumber {
                text.add(#","identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":""#)
                text.add(number)
                text.add(#""}]"#)
            }
            text.add(person.female ? #","gender":"female""# : #","gender":"male""#)
            text.add(#","birthDate":""#)
            day(&text, person.birthDay)
            text.add(#"""#)
            if let death = person.deathDay {
                text.add(#","deceasedDateTime":""#)
                day(&text, death)
                text.add(#"""#)
            }
            text.add(#","address":[{"extension":[{"url":"urn:concordat:lsoa","valueCode":""#)
            text.add(person.area.code)
            text.add(#""}]}],"generalPractitioner":[{"identifier":{"system":"#)
            text.add(#""https://fhir.nhs.uk/Id/ods-organization-code","value":""#)
            text.add(person.practice)
            text.add(#""}}]"#)
        }
    }

    mutating func encounter(_ kind: CodedTerm, class encounterClass: String, on day: Int, minutes: Int) -> Int
    {
        let serial = nextID()
        write(.encounter) { [self] text in
            begin(&text, "Encounter", serial)
            text.add(
                #","status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":""#
            )
            text.add(encounterClass)
            text.add(#""},"type":[{"coding":[{"system":"http://snomed.info/sct","code":""#)
            text.add(kind.code)
            text.add(#""}]}]"#)
            subject(&text, "subject")
            text.add(#","period":{"start":""#)
            let start = 480 + serial * 37 % 600
            instant(&text, day, start)
            text.add(#"","end":""#)
            instant(&text, day + (start + minutes) / 1440, (start + minutes) % 1440)
            text.add(#""}"#)
        }
        return serial
    }

    mutating func condition(_ term: CodedTerm, onset: Int, resolved: Bool, encounter serial: Int?) {
        let id = nextID()
        write(.condition) { [self] text in
            begin(&text, "Condition", id)
            text.add(
                #","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":""#
            )
            text.add(resolved ? "resolved" : "active")
            text.add(
                #""}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]}"#
            )
            snomed(&text, "code", term)
            subject(&text, "subject")
            encounter(&text, serial)
            text.add(#","onsetDateTime":""#)
            day(&text, onset)
            text.add(#"","recordedDate":""#)
            day(&text, onset)
            text.add(#"""#)
        }
    }

    /// A measurement with `places` decimals; `units` counts the last place.
    mutating func observation(
        _ term: CodedTerm, units: Int, places: Int, unit: String, ucum: String, on day: Int,
        encounter serial: Int?
    ) {
        let id = nextID()
        write(.observation) { [self] text in
            begin(&text, "Observation", id)
            text.add(#","status":"final""#)
            snomed(&text, "code", term)
            subject(&text, "subject")
            encounter(&text, serial)
            text.add(#","effectiveDateTime":""#)
            instant(&text, day, 540 + id % 480)
            text.add(#"","valueQuantity":{"value":"#)
            text.add(units: units, places: places)
            text.add(#","unit":""#)
            text.add(unit)
            text.add(#"","system":"http://unitsofmeasure.org","code":""#)
            text.add(ucum)
            text.add(#""}"#)
        }
    }

    mutating func bloodPressure(systolic: Int, diastolic: Int, on day: Int, encounter serial: Int?) {
        let id = nextID()
        write(.observation) { [self] text in
            begin(&text, "Observation", id)
            text.add(#","status":"final""#)
            snomed(&text, "code", CodedTerm("75367002", "Blood pressure"))
            subject(&text, "subject")
            encounter(&text, serial)
            text.add(#","effectiveDateTime":""#)
            instant(&text, day, 540 + id % 480)
            text.add(#"","component":["#)
            component(&text, "72313002", systolic)
            text.add(",")
            component(&text, "1091811000000102", diastolic)
            text.add("]")
        }
    }

    private func component(_ text: inout ByteText, _ code: StaticString, _ value: Int) {
        text.add(#"{"code":{"coding":[{"system":"http://snomed.info/sct","code":""#)
        text.add(code)
        text.add(#""}]},"valueQuantity":{"value":"#)
        text.add(value)
        text.add(#","unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}}"#)
    }

    /// An observation whose value is a code, e.g. smoking status.
    mutating func codedObservation(_ term: CodedTerm, value: CodedTerm, on day: Int, encounter serial: Int?) {
        let id = nextID()
        write(.observation) { [self] text in
            begin(&text, "Observation", id)
            text.add(#","status":"final""#)
            snomed(&text, "code", term)
            subject(&text, "subject")
            encounter(&text, serial)
            text.add(#","effectiveDateTime":""#)
            instant(&text, day, 540 + id % 480)
            text.add(#"""#)
            snomed(&text, "valueCodeableConcept", value)
        }
    }

    mutating func medication(_ term: CodedTerm, on day: Int, active: Bool, encounter serial: Int?) {
        let id = nextID()
        write(.medicationRequest) { [self] text in
            begin(&text, "MedicationRequest", id)
            text.add(active ? #","status":"active""# : #","status":"completed""#)
            text.add(#","intent":"order""#)
            snomed(&text, "medicationCodeableConcept", term)
            subject(&text, "subject")
            encounter(&text, serial)
            text.add(#","authoredOn":""#)
            self.day(&text, day)
            text.add(#"""#)
        }
    }

    mutating func procedure(_ term: CodedTerm, on day: Int, encounter serial: Int?) {
        let id = nextID()
        write(.procedure) { [self] text in
            begin(&text, "Procedure", id)
            text.add(#","status":"completed""#)
            snomed(&text, "code", term)
            subject(&text, "subject")
            encounter(&text, serial)
            text.add(#","performedPeriod":{"start":""#)
            instant(&text, day, 600)
            text.add(#"","end":""#)
            instant(&text, day, 660)
            text.add(#""}"#)
        }
    }

    mutating func immunization(_ term: CodedTerm, on day: Int) {
        let id = nextID()
        write(.immunization) { [self] text in
            begin(&text, "Immunization", id)
            text.add(#","status":"completed""#)
            snomed(&text, "vaccineCode", term)
            subject(&text, "patient")
            text.add(#","occurrenceDateTime":""#)
            self.day(&text, day)
            text.add(#"""#)
        }
    }

    mutating func allergy(_ term: CodedTerm, on day: Int) {
        let id = nextID()
        write(.allergyIntolerance) { [self] text in
            begin(&text, "AllergyIntolerance", id)
            text.add(
                #","clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]}"#
            )
            snomed(&text, "code", term)
            subject(&text, "patient")
            text.add(#","recordedDate":""#)
            self.day(&text, day)
            text.add(#"""#)
        }
    }

    mutating func report(_ term: CodedTerm, on day: Int, encounter serial: Int?) {
        let id = nextID()
        write(.diagnosticReport) { [self] text in
            begin(&text, "DiagnosticReport", id)
            text.add(#","status":"final""#)
            snomed(&text, "code", term)
            subject(&text, "subject")
            encounter(&text, serial)
            text.add(#","effectiveDateTime":""#)
            self.day(&text, day)
            text.add(#"","issued":""#)
            instant(&text, day, 900)
            text.add(#"""#)
        }
    }
}
