internal import Core

/// Draws what happened to one person and writes it at each of their sites.
///
/// Everything is drawn before anything is written, from the person's own stream: which site records an event
/// is drawn too, so that two sites of one person never hold the same event, only the same diagnoses.
struct LifeCourse {
    private enum Event {
        case condition(CodedTerm, onset: Int, resolved: Bool)
        case quantity(CodedTerm, units: Int, places: Int, unit: String, ucum: String, day: Int)
        case pressure(systolic: Int, diastolic: Int, day: Int)
        case smoking(CodedTerm, day: Int)
        case medication(CodedTerm, day: Int, active: Bool)
        case procedure(CodedTerm, day: Int)
        case immunization(CodedTerm, day: Int)
        case allergy(CodedTerm, day: Int)
        case report(CodedTerm, day: Int)
        case encounter(CodedTerm, class: String, day: Int, minutes: Int)
    }

    /// Each with whether the first (true) or second site records it; diagnoses are recorded at both.
    private var events: [(event: Event, atFirst: Bool)] = []
    private let person: SyntheticPerson
    private let end: Int
    private var random: RandomStream

    init(person: SyntheticPerson, random: RandomStream) {
        self.person = person
        self.random = random
        end = person.deathDay ?? Population.referenceDay
        drawConditions()
        drawMeasurements()
        drawCare()
    }

    private mutating func add(_ event: Event) {
        events.append((event, atFirst: random.chance(0.6)))
    }

    /// A day in the last `years` years of the person's life, not before birth.
    private mutating func recentDay(_ years: Int) -> Int {
        max(person.birthDay, end - random.below(max(1, min(years * 365, end - person.birthDay + 1))))
    }

    private var conditions: Set<Int> = []

    private mutating func drawConditions() {
        for (place, model) in ConditionModel.all.enumerated()
        where random.chance(model.probability(person, having: conditions)) {
            conditions.insert(place)
            let since = min(end, person.birthDay + model.from * 365)
            let onset = max(since, end - random.below(max(1, min(15 * 365, end - since + 1))))
            add(.condition(CodedTerm(model.code, model.term), onset: onset, resolved: random.chance(0.06)))
            for treatment in Treatments.forCondition[place] ?? [] where random.chance(0.7) {
                add(.medication(treatment, day: min(end, onset + random.below(90)), active: true))
            }
        }
    }

    private mutating func drawMeasurements() {
        let age = person.age
        let weight = Double(conditions.contains(18) ? 33 : 26) + 1.5 * random.normal() + 0.4 * person.frailty
        let contacts = min(8, 1 + random.poisson(0.7 + Double(age) / 40 + Double(conditions.count) * 0.5))
        for _ in 0..<contacts where age >= 16 {
            let day = recentDay(5)
            let bmi = max(14.0, min(60.0, weight + random.normal() * 0.6))
            add(
                .quantity(
                    CodedTerm("60621009", "Body mass index"), units: Int(bmi * 10), places: 1, unit: "kg/m2",
                    ucum: "kg/m2", day: day))
            let raised = conditions.contains(1) ? 14.0 : 0
            let systolic = 112 + Double(age) * 0.25 + raised + 9 * random.normal()
            add(
                .pressure(
                    systolic: Int(max(80, min(230, systolic))),
                    diastolic: Int(max(45, min(130, 68 + raised * 0.5 + 6 * random.normal()))), day: day))
        }
        drawBlood(age)
        if age >= 16 {
            let smoking = random.unit() - 0.02 * Double(6 - person.area.decile)
            let status =
                smoking < 0.13
                ? CodedTerm("77176002", "Smoker")
                : smoking < 0.4
                    ? CodedTerm("8517006", "Ex-smoker") : CodedTerm("266919005", "Never smoked tobacco")
            add(.smoking(status, day: recentDay(3)))
        }
    }

    private mutating func drawBlood(_ age: Int) {
        guard age >= 25 else { return }
        let diabetic = conditions.contains(0)
        for _ in 0..<(diabetic ? 4 : random.poisson(0.6)) {
            let value = (diabetic ? 56.0 : 37) + Double(diabetic ? 13 : 4) * random.normal()
            add(
                .quantity(
                    CodedTerm("999791000000106", "Haemoglobin A1c level - IFCC standardised"),
                    units: Int(max(20, min(150, value))), places: 0, unit: "mmol/mol", ucum: "mmol/mol",
                    day: recentDay(5)))
        }
        for _ in 0..<random.poisson(Double(age) / 60) {
            let statin = conditions.contains(4) ? -0.9 : 0
            let value = max(2.0, min(11.0, 5.1 + statin + random.normal()))
            add(
                .quantity(
                    CodedTerm("1005671000000105", "Serum cholesterol level"), units: Int(value * 10),
                    places: 1,
                    unit: "mmol/L", ucum: "mmol/L", day: recentDay(5)))
            add(.report(CodedTerm("16254007", "Lipid panel"), day: recentDay(5)))
        }
        for _ in 0..<random.poisson(Double(age) / 70 + (conditions.contains(7) ? 2 : 0)) {
            let value = max(
                5.0,
                min(140, 112 - Double(age) * 0.55 - (conditions.contains(7) ? 28 : 0) + 9 * random.normal()))
            add(
                .quantity(
                    CodedTerm("1011481000000105", "eGFR using creatinine (CKD-EPI)"), units: Int(value),
                    places: 0,
                    unit: "mL/min/1.73m2", ucum: "mL/min/{1.73_m2}", day: recentDay(4)))
        }
    }

    private mutating func drawCare() {
        let age = person.age
        for _ in 0..<min(12, random.poisson(0.6 + Double(age) / 50 + 0.3 * Double(conditions.count))) {
            let draw = random.unit()
            let (kind, encounterClass, minutes) =
                draw < 0.7
                ? (CodedTerm("185349003", "Encounter for check up"), "AMB", 15)
                : draw < 0.87
                    ? (CodedTerm("50849002", "Emergency room admission"), "EMER", 240)
                    : (CodedTerm("32485007", "Hospital admission"), "IMP", 1440 * (1 + random.below(9)))
            add(.encounter(kind, class: encounterClass, day: recentDay(3), minutes: minutes))
        }
        for (term, from, rate) in Treatments.procedures where age >= from && random.chance(rate) {
            add(.procedure(term, day: recentDay(10)))
        }
        for (term, from, rate) in Treatments.vaccines where age >= from && random.chance(rate) {
            add(.immunization(term, day: recentDay(4)))
        }
        for _ in 0..<random.poisson(0.5 + Double(age) / 90) {
            let term = Treatments.occasional[random.below(Treatments.occasional.count)]
            add(.medication(term, day: recentDay(3), active: false))
        }
        if random.chance(0.08) {
            add(.allergy(Treatments.allergies[random.below(Treatments.allergies.count)], day: recentDay(20)))
        }
    }

    /// Writes what the person's first (or second) site holds.
    func write(first: Bool, to writer: inout ResourceWriter) {
        writer.patient()
        for (event, atFirst) in events {
            if case .condition(let term, let onset, let resolved) = event {
                writer.condition(term, onset: onset, resolved: resolved, encounter: nil)
            } else if person.secondSite == nil || atFirst == first {
                write(event, to: &writer)
            }
        }
    }

    private func write(_ event: Event, to writer: inout ResourceWriter) {
        switch event {
        case .condition: break
        case .quantity(let term, let units, let places, let unit, let ucum, let day):
            writer.observation(
                term, units: units, places: places, unit: unit, ucum: ucum, on: day, encounter: nil)
        case .pressure(let systolic, let diastolic, let day):
            writer.bloodPressure(systolic: systolic, diastolic: diastolic, on: day, encounter: nil)
        case .smoking(let status, let day):
            writer.codedObservation(
                CodedTerm("229819007", "Tobacco use and exposure"), value: status, on: day, encounter: nil)
        case .medication(let term, let day, let active):
            writer.medication(term, on: day, active: active, encounter: nil)
        case .procedure(let term, let day): writer.procedure(term, on: day, encounter: nil)
        case .immunization(let term, let day): writer.immunization(term, on: day)
        case .allergy(let term, let day): writer.allergy(term, on: day)
        case .report(let term, let day): writer.report(term, on: day, encounter: nil)
        case .encounter(let kind, let encounterClass, let day, let minutes):
            _ = writer.encounter(kind, class: encounterClass, on: day, minutes: minutes)
        }
    }
}
