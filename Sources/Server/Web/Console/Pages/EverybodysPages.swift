internal import Foundation
internal import Hummingbird
internal import Node
internal import Store

/// Signing in and out, where one begins, and the agreements to read.
enum EverybodysPages {
    static let all = [begin, showSignIn, signIn, signOut, signedOut, account, agreement]

    private static let begin = ConsolePage.show("/", "begin", .session) { call in
        .away(ConsoleSections.home(of: try call.caller.roles))
    }

    private static let showSignIn = ConsolePage.show("/sign-in", "showSignIn", .open) { call in
        signInPage(call, next: call.query["next"])
    }

    private static func signInPage(
        _ call: ConsoleCall, next: String?, user: String? = nil, fault: String? = nil, said: String? = nil
    ) -> ConsoleAnswer {
        .page(
            "sign-in", title: "Sign in",
            [
                "next": next, "user": user, "fault": fault, "hasProvider": call.house.openID != nil,
                "nodeName": call.house.context.configuration.name, "said": said,
            ], status: fault == nil ? .ok : .unauthorized)
    }

    private static let signIn = ConsolePage.act("/sign-in", "signIn", .open, isPrivileged: false) { call in
        if let seconds = call.house.signIns.take(call.address) { throw Problem.tooMany(seconds: seconds) }
        let user = call.form["user"] ?? ""
        let opened = try await call.house.desk.signIn(
            user, password: call.form.raw("password"), from: call.address,
            replacing: SessionCookie.secret(call.request))
        guard let opened else {
            return signInPage(
                call, next: call.form["next"], user: user,
                fault:
                    "User and password do not fit, or the user is locked. After five wrong passwords wait 15 "
                    + "minutes, or ask the node's operator.")
        }
        return .away(
            local(call.form["next"]) ?? ConsoleSections.home(of: opened.caller.roles),
            cookie: SessionCookie.set(opened.secret, hours: call.house.settings.sessionHours))
    }

    /// A path of this node; nil for whatever leads, or might lead, elsewhere.
    static func local(_ path: String?) -> String? {
        guard let path, path.wholeMatch(of: /\/[A-Za-z0-9._~%?&=+\/-]*/) != nil, !path.hasPrefix("//"),
            !path.hasPrefix("/api/"), !path.hasPrefix("/sign-in"), path != "/"
        else { return nil }
        return path
    }

    private static let signOut = ConsolePage.act("/sign-out", "signOut", .session, isPrivileged: false) {
        call in
        let token = try await call.house.desk.signOut(
            SessionCookie.secret(call.request) ?? "", try call.caller, from: call.address)
        guard let token, let openID = call.house.openID else {
            return .away("/sign-in", saying: "You are signed out.", cookie: SessionCookie.removed)
        }
        guard let farewell = await openID.farewell(token) else {
            return .away(
                "/sign-in",
                saying:
                    "You are signed out here. Your organisation's own sign-in may still know you: where others "
                    + "use this computer, close the browser.", cookie: SessionCookie.removed)
        }
        return .onward(farewell)
    }

    /// Where the provider sends people back to. Whoever comes by a link of somebody else's is told nothing.
    private static let signedOut = ConsolePage.show("/signed-out", "signedOut", .open) { call in
        let remembered = call.request.cookies[SessionCookie.leaving]?.value ?? ""
        guard OpenIDDesk.isSame(call.query["state"] ?? "", remembered) else {
            return signInPage(call, next: nil)
        }
        return signInPage(
            call, next: nil, said: "You are signed out, here and at your organisation's sign-in.")
    }

    private static let account = ConsolePage.show("/account", "account", .session) { call in
        let caller = try call.caller
        return .page(
            "account", title: "Your account",
            [
                "user": caller.user.name, "roles": caller.roles.sorted(),
                "hasNone": ConsoleSections.home(of: caller.roles) == "/account",
            ])
    }

    private static let agreement = ConsolePage.show("/agreements/{id}", "readAgreement", .session) { call in
        let text = try await call.run(
            .agreement(.print(.known(id: call.item("id"), version: nil), as: .text))
        ).document
        return .page("agreement", title: "Agreement \(call.item("id"))", ["text": text])
    }
}
