// Reads every .ics file of a folder with ical.js and with node-ical: what each of them shows, as JSON.
// Called with the folder that they are installed in, and the folder of calendars.
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [installed, folder] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${installed}/`));
const ICAL = (await import(pathToFileURL(require.resolve("ical.js")))).default;
const nodeIcal = require("node-ical");

const day = (date) =>
  [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((part) => String(part).padStart(2, "0")).join("-");

const asIcalJs = (text) =>
  new ICAL.Component(ICAL.parse(text)).getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    const said = (time) => (time.isDate ? time.toString() : time.toJSDate().toISOString());
    return {
      uid: event.uid, start: said(event.startDate), end: said(event.endDate),
      sequence: event.sequence, status: component.getFirstPropertyValue("status"),
      summary: event.summary, description: event.description, location: event.location,
      url: component.getFirstPropertyValue("url"),
    };
  });

const asNodeIcal = (text) =>
  Object.values(nodeIcal.sync.parseICS(text)).filter((one) => one.type === "VEVENT").map((one) => {
    const said = (date) => (one.datetype === "date" ? day(date) : date.toISOString());
    return {
      uid: one.uid, start: said(one.start), end: said(one.end), sequence: Number(one.sequence),
      status: one.status, summary: one.summary, description: one.description,
      location: one.location ?? null, url: one.url.val ?? one.url,
    };
  });

const found = {};
for (const file of readdirSync(folder)) {
  const text = readFileSync(`${folder}/${file}`, "utf8");
  found[file] = { "ical.js": asIcalJs(text), "node-ical": asNodeIcal(text) };
}
console.log(JSON.stringify(found));
