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

for (const button of document.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
}
