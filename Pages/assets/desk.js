// Files without a server between: what a person chooses goes into the field, what they keep comes out of one.
"use strict";

for (const input of document.querySelectorAll("[data-file-into]")) {
    const field = document.getElementById(input.dataset.fileInto);
    input.closest("[data-file-field]").hidden = false;
    input.addEventListener("change", async () => {
        if (input.files.length > 0) { field.value = await input.files[0].text(); }
    });
}

for (const button of document.querySelectorAll("[data-save]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
        const text = document.getElementById(button.dataset.save).value;
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
        link.download = button.dataset.saveAs;
        link.click();
        URL.revokeObjectURL(link.href);
    });
}
