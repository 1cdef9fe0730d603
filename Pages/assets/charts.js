// Draws what the node computed (`data-chart`), in the page's colours, with Chart.js.
"use strict";

function colours() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const isDark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    return {
        ink: colour("--ink"), soft: colour("--soft"), line: colour("--line"),
        // Told apart by people who see fewer colours too (Okabe and Ito), the NHS's blue first.
        series: isDark ? ["#56b4e9", "#e69f00", "#3fc49b", "#f0e442", "#d993bd"]
            : ["#005eb8", "#b35900", "#00795c", "#8a6d00", "#9c4a7f"],
    };
}

function axis(title, palette) {
    return {
        title: { display: Boolean(title), text: title, color: palette.ink }, ticks: { color: palette.ink },
        grid: { color: palette.line },
    };
}

function series(data, palette) {
    return {
        type: data.kind === "lines" ? "line" : "bar",
        data: {
            labels: data.labels,
            datasets: data.series.map((one, place) => ({
                label: one.name, data: one.values, backgroundColor: palette.series[place % 5],
                borderColor: palette.series[place % 5], borderWidth: data.kind === "lines" ? 2 : 0, tension: 0,
                pointStyle: ["circle", "rect", "triangle", "rectRot", "star"][place % 5], pointRadius: 4,
            })),
        },
        options: { scales: { x: axis(data.label, palette), y: { ...axis("", palette), beginAtZero: true } } },
    };
}

// What says when is an axis of time: as far from each other as in the calendar, named as the node names it.
function time(data, palette) {
    const names = new Map(data.ticks.map((tick) => [tick.x, tick.label]));
    const marks = ["circle", "rect", "triangle", "rectRot", "star"];
    return {
        type: "line",
        data: {
            datasets: data.series.map((one, place) => ({
                label: one.name, data: one.values, backgroundColor: palette.series[place % 5],
                borderColor: palette.series[place % 5], borderWidth: 2, borderDash: place < 5 ? [] : [6, 4], tension: 0,
                spanGaps: false, clip: false, pointStyle: marks[place % 5], pointRadius: data.ticks.length > 60 ? 2 : 4,
            })),
        },
        options: {
            scales: {
                x: {
                    ...axis(data.label, palette), type: "linear", min: data.ticks[0].x, max: data.ticks.at(-1).x,
                    afterBuildTicks: (scale) => { scale.ticks = data.ticks.map((tick) => ({ value: tick.x })); },
                    ticks: { color: palette.ink, maxRotation: 60, callback: (value) => names.get(value) ?? "" },
                },
                y: { ...axis("", palette), beginAtZero: true },
            },
            plugins: {
                legend: { labels: { color: palette.ink, usePointStyle: true, boxHeight: 7 } },
                tooltip: { callbacks: { title: (items) => names.get(items[0]?.parsed.x) ?? "" } },
            },
        },
    };
}

function funnel(data, palette) {
    const curves = data.curves.map((curve, place) => ({
        type: "line", label: curve.name, data: curve.values, pointRadius: 0, borderWidth: 1.5, fill: false,
        borderColor: palette.series[place % 3 === 0 ? 1 : 2], borderDash: place % 3 === 0 ? [] : [6, 4],
    }));
    const [first, last] = [data.curves[0].values[0].x, data.curves[0].values.at(-1).x];
    return {
        type: "scatter",
        data: {
            datasets: [
                {
                    label: "Organisations", data: data.points, backgroundColor: palette.series[0],
                    borderColor: palette.series[0], pointRadius: 6,
                },
                ...curves,
                {
                    type: "line", label: "All together", pointRadius: 0, borderWidth: 1.5, borderColor: palette.soft,
                    data: [{ x: first, y: data.target }, { x: last, y: data.target }],
                },
            ],
        },
        options: {
            scales: { x: axis("People", palette), y: axis("Per cent", palette) },
            plugins: {
                legend: { labels: { color: palette.ink, filter: (item) => !item.text.endsWith("lower") } },
                tooltip: { callbacks: { label: (item) => item.raw.name ? `${item.raw.name}: ${item.raw.y.toFixed(1)} %` : item.dataset.label } },
            },
        },
    };
}

let drawn = [];
function draw() {
    for (const chart of drawn) chart.destroy();
    drawn = [];
    const palette = colours();
    for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
        const data = JSON.parse(canvas.dataset.chart);
        if (data.kind === "none") continue;
        canvas.parentElement.classList.add("drawn");
        const settings = ({ funnel, time }[data.kind] ?? series)(data, palette);
        settings.options.animation = false;
        settings.options.responsive = true;
        settings.options.maintainAspectRatio = false;
        settings.options.plugins ??= { legend: { labels: { color: palette.ink } } };
        drawn.push(new Chart(canvas, settings));
    }
}

if (window.Chart) {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    draw();
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
    window.addEventListener("beforeprint", () => drawn.forEach((chart) => chart.resize()));
}
