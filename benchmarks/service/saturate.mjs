// Saturate one path through autocannon, where wrk is missing. Prints {requests_per_second, p50_ms, p99_ms, errors}.
// Usage: node saturate.mjs FOLDER_WITH_NODE_MODULES URL BODIES CONNECTIONS SECONDS
import fs from "node:fs";
import { createRequire } from "node:module";

const [folder, url, file, connections, duration] = process.argv.slice(2);
const autocannon = createRequire(`${folder}/`)("autocannon");
const bodies = fs.readFileSync(file, "utf8").split("\n").filter(Boolean);
let client = 0;
const result = await autocannon({
  url, connections: Number(connections), duration: Number(duration), method: "POST",
  setupClient: (connection) => {
    const first = (client++ * 997) % bodies.length;
    const turned = bodies.slice(first).concat(bodies.slice(0, first));
    const headers = { "content-type": "application/json" };
    connection.setRequests(turned.map((body) => ({ method: "POST", headers, body })));
  },
});
console.log(JSON.stringify({
  requests_per_second: result.requests.average, p50_ms: result.latency.p50,
  p99_ms: result.latency.p99, errors: result.errors + result.non2xx,
}));
