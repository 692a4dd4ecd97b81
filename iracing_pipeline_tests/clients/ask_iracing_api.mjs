// Calls methods of iracing-api, and writes what each of them gave as JSON.
// Called with the folder that it is installed in, the API's URL, a token, and the methods with their arguments.
import { register } from "node:module";
import { pathToFileURL } from "node:url";

const [installed, apiUrl, token, methods] = process.argv.slice(2);

// It is bundled for bundlers: its files name each other without an ending.
register("data:text/javascript," + encodeURIComponent(`
  export const resolve = (name, context, next) =>
    next(name.startsWith(".") && !name.endsWith(".js") ? name + ".js" : name, context);
`));

// Its host is a constant and its login the one of before OAuth: both are mended where it fetches.
const plain = globalThis.fetch;
globalThis.fetch = (url, options = {}) => {
  const there = String(url).replace("https://members-ng.iracing.com", apiUrl);
  const headers = there.startsWith(apiUrl) ? { authorization: `Bearer ${token}` } : {};
  return plain(there, { ...options, headers: { ...options.headers, ...headers } });
};

const entry = `${installed}/node_modules/iracing-api/lib/index.js`;
const { default: IracingAPI } = await import(pathToFileURL(entry));
const client = new IracingAPI();
const gave = {};
for (const [name, argument] of JSON.parse(methods)) {
  const [part, method] = name.split(".");
  gave[name] = (await client[part][method](argument ?? undefined)) ?? null;
}
process.stdout.write(JSON.stringify(gave));
