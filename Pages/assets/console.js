// What every page has: buttons that copy, lists that filter, forms that are sent once. Pages work without it.
"use strict";

document.documentElement.classList.add("scripted");

for (const button of document.querySelectorAll("button[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
        const words = button.textContent;
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
        button.textContent = "Copied";
        setTimeout(() => { button.textContent = words; }, 2000);
    });
}

// <input data-filter="ID">: shows those children of ID that have what is written, by their text.
for (const input of document.querySelectorAll("input[data-filter]")) {
    const list = document.getElementById(input.dataset.filter);
    input.closest("[hidden]")?.removeAttribute("hidden");
    input.addEventListener("input", () => {
        const wanted = input.value.trim().toLowerCase();
        for (const item of list.querySelectorAll("[data-item]")) {
            item.hidden = wanted !== "" && !item.textContent.toLowerCase().includes(wanted);
        }
    });
}

// <form data-confirm="…">: asks before it is sent.
for (const form of document.querySelectorAll("form[data-confirm]")) {
    form.addEventListener("submit", (event) => {
        if (!window.confirm(form.dataset.confirm)) event.preventDefault();
    });
}

// A form that changes something is sent once: a second click must not ask, pay or record twice. Files that are fetched leave
// the page as it is.
document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-download]")) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
});
window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// <form data-onward>: what is sent without anybody asking for it; by hand where there are no scripts.
document.querySelector("form[data-onward]")?.requestSubmit();

for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
}
