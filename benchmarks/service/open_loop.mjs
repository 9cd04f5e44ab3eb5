// Send requests at fixed times, whether or not earlier ones have been answered, and print latencies.
// A latency counts from the time a request was due, so that a stall is felt by all that it delays.
// Usage: node open_loop.mjs plan.json, a plan being {url, seconds, streams: [{name, path, rate, bodies}]},
// `bodies` a file with one JSON body a line. Prints one JSON document.
import fs from "node:fs";
import http from "node:http";

const plan = JSON.parse(fs.readFileSync(process.argv[2], "utf8"));
const target = new URL(plan.url);
const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });

function play(stream) {
  const bodies = fs.readFileSync(stream.bodies, "utf8").split("\n").filter(Boolean);
  const total = Math.round(stream.rate * plan.seconds);
  const result = { name: stream.name, sent: 0, errors: 0, latencies_ms: [] };
  const start = performance.now() + 200;
  return new Promise((resolve) => {
    let answered = 0;
    const finish = (due, isGood) => {
      if (isGood) result.latencies_ms.push(performance.now() - due);
      else result.errors += 1;
      answered += 1;
      if (answered === total) resolve(result);
    };
    const send = (body, due) => {
      const options = {
        agent, host: target.hostname, port: target.port, path: stream.path, method: "POST",
        headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
      };
      let isOver = false;
      const once = (isGood) => { if (!isOver) { isOver = true; finish(due, isGood); } };
      const request = http.request(options, (response) => {
        response.resume();
        response.on("end", () => once(response.statusCode === 200));
        response.on("error", () => once(false));
      });
      request.on("error", () => once(false));
      request.setTimeout(10000, () => request.destroy());
      request.end(body);
    };
    const tick = () => {
      while (result.sent < total && performance.now() >= start + (result.sent * 1000) / stream.rate) {
        send(bodies[result.sent % bodies.length], start + (result.sent * 1000) / stream.rate);
        result.sent += 1;
      }
      if (result.sent < total) setTimeout(tick, 1);
    };
    tick();
  });
}

const results = await Promise.all(plan.streams.map(play));
agent.destroy();
console.log(JSON.stringify(results));
