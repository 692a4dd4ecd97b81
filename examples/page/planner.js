// A planner without a server: it reads what `iracing-pipeline export` wrote beside it, and shows the next races.
// What plan() returns is plain data, for a page, a widget or a bot.

export const SCHEMA = 1;
const TABLES = ["series", "seasons", "weeks", "sessions", "cars"];
const LICENCES = { 1: "Rookie", 2: "D", 3: "C", 4: "B", 5: "A", 6: "Pro", 7: "Pro/WC" };
const MOST = 100;

// Every table that is needed, by name. `read` gives the parsed content of one file.
export async function load(read) {
  const manifest = await read("export.json");
  if (manifest.schema_version !== SCHEMA) {
    throw new Error(`These files have schema ${manifest.schema_version}, and this page reads ${SCHEMA}.`);
  }
  const tables = await Promise.all(TABLES.map((name) => read(`${name}.json`)));
  return { manifest, ...Object.fromEntries(TABLES.map((name, at) => [name, tables[at]])) };
}

// The races from `now` on, by start, each with all that is said of it.
export function plan(data, now) {
  const by = (rows, ...keys) => new Map(rows.map((row) => [keys.map((key) => row[key]).join(), row]));
  const series = by(data.series, "series_id");
  const seasons = by(data.seasons, "season_id");
  const weeks = by(data.weeks, "season_id", "race_week_num");
  const cars = by(data.cars, "car_id");
  return data.sessions
    .filter((session) => new Date(session.start_time) >= now)
    .map((session) => {
      const season = seasons.get(`${session.season_id}`);
      const week = weeks.get(`${session.season_id},${session.race_week_num}`);
      const named = series.get(`${season.series_id}`);
      return {
        start: new Date(session.start_time),
        name: named?.series_name ?? season.season_name,
        week: session.race_week_num + 1,
        track: [week?.track_name, week?.config_name].filter(Boolean).join(" - "),
        cars: (week?.car_ids ?? []).map((id) => cars.get(`${id}`)?.car_name ?? `car ${id}`),
        category: week?.category ?? named?.category ?? null,
        licence: LICENCES[season.license_group] ?? null,
        rain: week?.precip_chance_pct || null,
      };
    })
    .sort((one, other) => one.start - other.start || one.name.localeCompare(other.name));
}

// Text goes in as text: names are iRacing's, and no markup of ours.
function cell(row, text, small) {
  const made = row.insertCell();
  made.textContent = text;
  if (small) made.append(Object.assign(document.createElement("small"), { textContent: small }));
}

function show(races) {
  const wanted = (id) => document.getElementById(id).value;
  const chosen = races.filter((race) =>
    (!wanted("category") || race.category === wanted("category")) &&
    (!wanted("licence") || race.licence === wanted("licence")));
  const body = document.getElementById("races");
  body.replaceChildren();
  for (const race of chosen.slice(0, MOST)) {
    const row = body.insertRow();
    cell(row, race.start.toLocaleString([], { weekday: "short", hour: "2-digit", minute: "2-digit" }),
      `${race.start.toISOString().slice(11, 16)} UTC`);
    cell(row, race.name, [`week ${race.week}`, race.licence].filter(Boolean).join(" · "));
    cell(row, race.track, race.rain ? `rain ${race.rain}%` : "");
    cell(row, race.cars.slice(0, 3).join(", "), race.cars.length > 3 ? `and ${race.cars.length - 3} more` : "");
  }
  return chosen.length;
}

function options(id, values) {
  const select = document.getElementById(id);
  for (const value of [...new Set(values)].filter(Boolean).sort()) {
    select.append(new Option(value.replaceAll("_", " "), value));
  }
  return select;
}

async function start() {
  const state = document.getElementById("state");
  try {
    const data = await load(async (file) => (await fetch(`data/${file}`)).json());
    const races = plan(data, new Date());
    const fill = () => { state.textContent = `${show(races)} races, data: ${data.manifest.data ?? "none"}`; };
    options("category", races.map((race) => race.category)).addEventListener("change", fill);
    options("licence", races.map((race) => race.licence)).addEventListener("change", fill);
    fill();
  } catch (error) {
    state.textContent = `Nothing can be shown: ${error.message}`;
  }
}

if (typeof document !== "undefined") start();
