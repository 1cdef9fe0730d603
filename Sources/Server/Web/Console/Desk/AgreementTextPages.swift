internal import Core
internal import Hummingbird
internal import Node

/// An agreement that came as a file: read, try, sign, take over. Nothing is kept between the steps but in the page.
enum AgreementTextPages {
    static let all = [paste, read, rehearse, sign, take]

    private static let paste = ConsolePage.show("/desk/agreements/-/read", "readAgreement", DeskPages.leads) {
        _ in
        .page("desk-agreement-paste", title: "An agreement that you were sent", [:])
    }

    private static let read = ConsolePage.act(
        "/desk/agreements/-/read", "readAgreement", DeskPages.leads, isPrivileged: false
    ) { call in
        guard let text = call.form["document"] else {
            return pasted(call, "Choose the file, or paste what is in it.")
        }
        do {
            return try await page(call, text)
        } catch let problem as Problem {
            throw problem
        } catch {
            return pasted(call, words(error))
        }
    }

    private static func words(_ error: any Error) -> String {
        let words = String(describing: error)
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private static func pasted(_ call: ConsoleCall, _ fault: String) -> ConsoleAnswer {
        .page(
            "desk-agreement-paste", title: "An agreement that you were sent",
            ["fault": VisibleText.of(fault), "document": call.form["document"]],
            status: .unprocessableContent)
    }

    private static func page(
        _ call: ConsoleCall, _ text: String, rehearsal: RehearsalView? = nil, fault: String? = nil,
        signed: String? = nil
    ) async throws -> ConsoleAnswer {
        let reading = try await call.run(.agreement(.print(.text(text), as: .reading))).decoded(
            ReadingText.self)
        let values: ConsoleValues = [
            "reading": reading.values, "document": text, "rehearsal": rehearsal?.values,
            "rehearsedSQL": rehearsal == nil ? nil : call.form["sql"], "fault": fault, "signed": signed,
            "isDocument": text.hasPrefix("{") ? true : nil,
        ]
        return .page(
            "desk-agreement-read", title: reading.title, values,
            status: fault == nil ? .ok : .unprocessableContent)
    }

    private static let rehearse = ConsolePage.act(
        "/desk/agreements/-/trial", "rehearseAgreement", DeskPages.leads
    ) { call in
        let text = try call.form.required("document", "The agreement")
        return try await page(call, text, rehearsal: try await RehearsalView.run(.text(text), call))
    }

    private static let sign = ConsolePage.act("/desk/agreements/-/sign", "signAgreement", DeskPages.leads) {
        call in
        let text = try call.form.required("document", "The agreement")
        guard call.form["sure"] == "yes" else {
            return try await page(
                call, text, fault: "Tick the box to say that you have read it and may sign it.")
        }
        do {
            let signed = try await call.run(.signAgreement(document: text)).document
            return try await page(call, signed, signed: "yes")
        } catch let problem as Problem {
            throw problem
        } catch {
            return try await page(call, text, fault: words(error))
        }
    }

    private static let take = ConsolePage.act(
        "/desk/agreements/-/take", "importAgreement", DeskPages.leads
    ) { call in
        let text = try call.form.required("document", "The agreement")
        do {
            return .away(
                "/desk/agreements", saying: try await call.run(.importAgreement(document: text)).sentence)
        } catch let problem as Problem {
            throw problem
        } catch {
            return try await page(call, text, fault: words(error))
        }
    }
}
