/// How common a long-term condition is: a logistic curve in age, shifted by sex, deprivation and frailty.
///
/// The numbers are plausible, not fitted: they give prevalences near those of QOF 2022/23 for England.
struct ConditionModel: Sendable {
    /// SNOMED CT concept.
    let code: String
    let term: String
    /// Log-odds at age 50, decile 5.5, a man of average frailty.
    let logOdds: Double
    /// Change of log-odds per ten years of age.
    let perDecade: Double
    /// Change for women.
    let women: Double
    /// Change from the least to the most deprived tenth.
    let deprivation: Double
    /// Change per unit of frailty.
    let frailty: Double
    /// Youngest age at which it is recorded.
    let from: Int
    /// Conditions (by place in `all`) that raise its log-odds by 1.2.
    let follows: [Int]

    static let all: [ConditionModel] = [
        .init("44054006", "Type 2 diabetes mellitus", -2.9, 0.42, -0.3, 0.7, 0.5, 25, []),
        .init("38341003", "Hypertensive disorder", -2.1, 0.62, -0.1, 0.3, 0.5, 25, [0]),
        .init("195967001", "Asthma", -2.6, -0.02, 0.2, 0.2, 0.3, 3, []),
        .init("13645005", "Chronic obstructive lung disease", -4.6, 0.75, -0.1, 1.4, 0.6, 35, []),
        .init("53741008", "Coronary arteriosclerosis", -4.3, 0.80, -0.9, 0.6, 0.6, 30, [0, 1]),
        .init("84114007", "Heart failure", -6.0, 0.95, -0.3, 0.5, 0.8, 40, [1, 4]),
        .init("49436004", "Atrial fibrillation", -5.6, 1.05, -0.5, 0.0, 0.5, 40, [1]),
        .init("709044004", "Chronic kidney disease", -4.6, 0.95, 0.1, 0.4, 0.5, 40, [0, 1]),
        .init("35489007", "Depressive disorder", -2.0, 0.05, 0.6, 0.5, 0.5, 12, []),
        .init("197480006", "Anxiety disorder", -2.2, -0.05, 0.6, 0.4, 0.4, 10, [8]),
        .init("52448006", "Dementia", -8.2, 1.55, 0.2, 0.2, 0.4, 55, []),
        .init("230690007", "Cerebrovascular accident", -5.2, 0.85, -0.2, 0.5, 0.5, 35, [1, 6]),
        .init("254837009", "Malignant neoplasm of breast", -4.6, 0.45, 1.2, -0.1, 0.1, 25, []),
        .init("399068003", "Malignant tumour of prostate", -4.6, 0.95, -30, -0.2, 0.1, 45, []),
        .init("254637007", "Non-small cell lung cancer", -7.0, 0.75, -0.1, 1.1, 0.4, 40, [3]),
        .init("84757009", "Epilepsy", -4.8, 0.03, -0.1, 0.6, 0.3, 0, []),
        .init("69896004", "Rheumatoid arthritis", -5.2, 0.45, 0.9, 0.2, 0.3, 20, []),
        .init("396275006", "Osteoarthritis", -3.2, 0.75, 0.5, 0.2, 0.4, 35, []),
        .init("414916001", "Obesity", -1.8, 0.10, 0.1, 0.8, 0.2, 18, []),
        .init("40930008", "Hypothyroidism", -4.0, 0.35, 1.5, 0.1, 0.2, 15, []),
        .init("58214004", "Schizophrenia", -5.2, 0.05, -0.4, 1.2, 0.4, 18, []),
        .init("86406008", "Human immunodeficiency virus infection", -5.9, 0.02, -0.7, 0.8, 0.1, 18, []),
    ]

    private init(
        _ code: String, _ term: String, _ logOdds: Double, _ perDecade: Double, _ women: Double,
        _ deprivation: Double, _ frailty: Double, _ from: Int, _ follows: [Int]
    ) {
        self.code = code
        self.term = term
        self.logOdds = logOdds
        self.perDecade = perDecade
        self.women = women
        self.deprivation = deprivation
        self.frailty = frailty
        self.from = from
        self.follows = follows
    }

    func probability(_ person: SyntheticPerson, having: Set<Int>) -> Double {
        guard person.age >= from else { return 0 }
        var odds = logOdds + perDecade * Double(person.age - 50) / 10
        odds += (person.female ? women : 0) + deprivation * (5.5 - Double(person.area.decile)) / 9
        odds += frailty * person.frailty
        if follows.contains(where: having.contains) { odds += 1.2 }
        return 1 / (1 + exponential(-odds))
    }
}

/// A coded thing with its text, e.g. a medicine or a procedure (SNOMED CT).
struct CodedTerm: Sendable {
    let code: String
    let term: String

    init(_ code: String, _ term: String) {
        self.code = code
        self.term = term
    }
}

/// What follows from a condition: the medicine most often issued for it.
enum Treatments {
    static let forCondition: [Int: [CodedTerm]] = [
        0: [CodedTerm("109081006", "Metformin"), CodedTerm("39487003", "Insulin")],
        1: [CodedTerm("108537001", "Amlodipine")],
        2: [CodedTerm("91143003", "Salbutamol")],
        3: [CodedTerm("91143003", "Salbutamol"), CodedTerm("10312003", "Prednisolone")],
        4: [CodedTerm("108600003", "Atorvastatin"), CodedTerm("7947003", "Aspirin")],
        5: [CodedTerm("81609008", "Furosemide")],
        6: [CodedTerm("48603004", "Warfarin")],
        11: [CodedTerm("108600003", "Atorvastatin")],
        17: [CodedTerm("90332006", "Paracetamol")],
    ]
    static let occasional = [
        CodedTerm("27658006", "Amoxicillin"), CodedTerm("25673006", "Omeprazole"),
        CodedTerm("38268001", "Ibuprofen"), CodedTerm("90332006", "Paracetamol"),
        CodedTerm("96304005", "Simvastatin"),
    ]
    static let procedures: [(CodedTerm, from: Int, rate: Double)] = [
        (CodedTerm("80146002", "Appendectomy"), 5, 0.03), (CodedTerm("73761001", "Colonoscopy"), 40, 0.12),
        (CodedTerm("52734007", "Total replacement of hip"), 60, 0.05),
        (CodedTerm("609588000", "Total knee replacement"), 60, 0.05),
        (CodedTerm("110473004", "Cataract surgery"), 65, 0.15),
        (CodedTerm("415070008", "Percutaneous coronary intervention"), 45, 0.02),
    ]
    static let vaccines: [(CodedTerm, from: Int, rate: Double)] = [
        (CodedTerm("1181000221105", "Influenza vaccine"), 50, 0.75),
        (CodedTerm("1119349007", "COVID-19 mRNA vaccine"), 12, 0.7),
        (CodedTerm("871831003", "Measles, mumps and rubella vaccine"), 1, 0.5),
    ]
    static let allergies = [
        CodedTerm("91936005", "Allergy to penicillin"), CodedTerm("300913006", "Shellfish allergy"),
        CodedTerm("91934008", "Allergy to nut"),
    ]
}
