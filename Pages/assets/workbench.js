// The workbench's editor, agreements, tables and progress. Without it the form, the tables and the answers are all there.
"use strict";

const area = document.getElementById("sql");
const form = document.getElementById("editor");
const under = document.getElementById("under");
let editor = null;

function tablesWithColumns() {
    const tables = {};
    for (const list of document.querySelectorAll("dl.columns")) {
        tables[list.dataset.of] = [...list.querySelectorAll("dt code")].map((code) => code.textContent);
    }
    return tables;
}

if (area && window.CodeMirror) {
    editor = CodeMirror.fromTextArea(area, {
        mode: "text/x-pgsql", lineNumbers: window.innerWidth > 700, lineWrapping: true, indentUnit: 4,
        screenReaderLabel: "Question, in SQL", hintOptions: { tables: tablesWithColumns(), completeSingle: false },
        extraKeys: {
            "Ctrl-Space": "autocomplete",
            "Ctrl-Enter": () => ask(), "Cmd-Enter": () => ask(),
            // Two spaces would be typed by Tab: after Esc it leaves the editor, as WCAG 2.1.2 wants.
            "Esc": () => { leaving = true; },
            "Tab": (made) => { if (leaving) { leaving = false; return CodeMirror.Pass; } made.replaceSelection("    "); },
            "Shift-Tab": () => CodeMirror.Pass,
        },
    });
    // A field of the form has the text; who comes by keyboard comes to the editor.
    editor.getInputField().id = "sql-editor";
    editor.getInputField().setAttribute("aria-describedby", "sql-hint");
    document.querySelector("label[for=sql]").addEventListener("click", () => editor.focus());
}
let leaving = false;

// Where a fault is, in the editor as well.
const fault = document.querySelector("[data-position]");
if (editor && fault) {
    const word = editor.findWordAt(editor.posFromIndex(Number(fault.dataset.position) - 1));
    editor.markText(word.anchor, word.head, { className: "faulty" });
    editor.setCursor(word.anchor);
}

function ask() {
    editor?.save();
    form.requestSubmit(form.querySelector("button[value=ask]"));
}

area?.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) ask();
});

function insert(text) {
    if (editor) {
        editor.replaceSelection(text);
        editor.focus();
        return;
    }
    area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
    area.focus();
}

// Names of columns become buttons that write them.
for (const list of document.querySelectorAll("dl.columns")) {
    for (const code of list.querySelectorAll("dt code")) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = code.textContent;
        button.title = "Write it into the question";
        button.addEventListener("click", () => insert(code.textContent));
        code.replaceWith(button);
        button.dataset.column = code.textContent;
    }
}

// The agreement that is chosen shows its sheet, and which tables it does not cover.
function chosen() {
    const id = under.value.split("@")[0];
    let covered = null;
    for (const sheet of document.querySelectorAll(".sheet")) {
        const isChosen = sheet.dataset.agreement === id;
        sheet.toggleAttribute("data-other", !isChosen);
        if (isChosen) covered = new Set(sheet.dataset.tables.split(" "));
    }
    for (const item of document.querySelectorAll("[data-table]")) {
        item.querySelector(".uncovered").hidden = covered === null || covered.has(item.dataset.table);
    }
}
if (under) {
    under.addEventListener("change", chosen);
    chosen();
}

// Examples are written into the editor where one is; elsewhere the link leads to them.
for (const link of document.querySelectorAll("a[data-sql]")) {
    link.addEventListener("click", (event) => {
        if (!editor) return;
        event.preventDefault();
        editor.setValue(link.dataset.sql);
        editor.focus();
    });
}

// Progress by site, as the node tells it.
const progress = document.getElementById("progress");
if (progress) {
    const names = new Map(progress.dataset.names.split(";").filter(Boolean).map((pair) => pair.split("=")));
    const list = progress.querySelector(".sites");
    const words = document.getElementById("progress-words");
    const said = { answered: "good", refused: "bad", failed: "bad", late: "wait", unreachable: "bad" };
    let [asked, heard] = [list.children.length, 0];

    const line = (code, name, state) => {
        let item = [...list.children].find((one) => one.dataset.site === code);
        if (!item) {
            item = document.createElement("li");
            item.dataset.site = code;
            item.append(document.createElement("span"), " ", document.createElement("span"));
            list.append(item);
        }
        item.firstElementChild.textContent = name || names.get(code) || code;
        item.lastElementChild.textContent = state || "waiting";
        item.lastElementChild.className = `tag ${said[state] || "wait"}`;
    };
    const events = new EventSource(progress.dataset.events);
    events.addEventListener("asked", (event) => {
        const { sites } = JSON.parse(event.data);
        asked = sites.length;
        for (const code of sites) line(code, null, null);
        words.textContent = `Asked ${asked}; waiting for their answers.`;
    });
    events.addEventListener("site", (event) => {
        const site = JSON.parse(event.data);
        heard += 1;
        line(site.site, site.name, site.outcome);
        words.textContent = `${heard} of ${asked} have answered.`;
    });
    // Whoever is signed out, or whose question is gone, is told so by the page itself.
    events.addEventListener("error", () => {
        if (events.readyState === EventSource.CLOSED) window.location.reload();
    });
    events.addEventListener("ended", () => {
        events.close();
        words.textContent = "All is there.";
        window.location.reload();
    });
}

const kinds = document.getElementById("chart-kind");
if (kinds) {
    const shown = () => { kinds.form.dataset.kind = kinds.value; };
    kinds.addEventListener("change", shown);
    shown();
}
