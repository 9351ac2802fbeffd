// The two ends of the relay's benchmark: an API over TLS and HTTP/2, and a client that times what it asks.
import fs from 'node:fs';
import http2 from 'node:http2';

const LARGE = Buffer.alloc(64 << 20);
const SMALL = Buffer.from('[{"id":"a"}]');

function serve(key, certificate) {
  const options = { key: fs.readFileSync(key), cert: fs.readFileSync(certificate), allowHTTP1: true };
  const server = http2.createSecureServer(options, (request, response) => {
    const body = request.url === '/v2/large' ? LARGE : SMALL;
    response.writeHead(200, { 'content-length': body.length });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}

async function ask(path) {
  const headers = { authorization: `Bearer ${process.env.GETIMG_API_KEY}`, 'accept-encoding': 'identity' };
  const began = performance.now();
  const answer = await fetch(process.env.GETIMG_AI_BASE_URL + path, { headers });
  let length = 0;
  for await (const piece of answer.body) length += piece.length;
  if (answer.status !== 200 || length < SMALL.length) throw new Error(`${answer.status}, ${length} bytes`);
  return performance.now() - began;
}

async function measure(requests) {
  for (let warm = 0; warm < 50; warm += 1) await ask('/v2/models');
  const times = [];
  for (let n = 0; n < requests; n += 1) times.push(await ask('/v2/models'));
  times.sort((a, b) => a - b);
  const large = [];
  for (let n = 0; n < 3; n += 1) large.push(await ask('/v2/large'));
  const [median, p99] = [times[requests >> 1], times[Math.floor(requests * 0.99)]];
  console.log(JSON.stringify({ median, p99, large: Math.min(...large) }));
}

const [role, ...rest] = process.argv.slice(2);
if (role === 'serve') serve(...rest);
else await measure(Number(rest[0]));
