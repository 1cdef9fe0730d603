/// The controller's desk: for whoever answers for what an organisation releases.
enum DeskPages {
    static let leads = APIRoute.Access.people([.governance])

    static let section = ConsoleSection(
        name: "Controller's desk", roles: [.governance],
        tabs: [
            .init(name: "What was asked", path: "/desk"),
            .init(name: "Waiting for you", path: "/desk/reviews"),
            .init(name: "Regular figures", path: "/desk/measures"),
            .init(name: "Agreements", path: "/desk/agreements"),
            .init(name: "Objections", path: "/desk/objections"),
            .init(name: "Opt-out lists", path: "/desk/opt-outs"),
            .init(name: "One person", path: "/desk/person"),
        ],
        pages: AskedPages.all + ReviewPages.all + MeasurePages.all + AgreementPages.all
            + AgreementTextPages.all
            + PeoplePages.all)
}
