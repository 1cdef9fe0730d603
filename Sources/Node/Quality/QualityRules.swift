/// The numbers that the report goes by.
enum QualityRules {
    /// A code that is not known to be one is shown if it is recorded for this many people: a number or a name in the
    /// wrong field is one person's.
    static let leastPeople = 10
    /// Bytes of a code, system or unit beyond which it is taken for a text and not shown.
    static let longestCode = 128
    /// The most frequent codes of a column that are listed.
    static let topCodes = 200
    /// Units in the wrong place that are listed.
    static let topUnits = 200
    /// Codes of a codelist that are listed whether found or not.
    static let listedCodes = 1_000
    /// Whole months that are counted before this one.
    static let months = 24
    /// Nobody older is known (the oldest person whose age was proven lived 122 years; few reach 115).
    static let oldestAge = 115

    /// Of the usual number of events a month, what a sudden drop falls below.
    static let drop = 0.5
    /// Months that say what is usual, and how many events a month there must be to say it.
    static let usualMonths = 6
    static let usualRows = 20
    /// Days without an event from which on a dataset is taken to have ended.
    static let quietDays = 62
}
