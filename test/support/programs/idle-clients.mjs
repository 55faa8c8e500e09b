// Opens many connections to a server, says how many there are, and how many the server has ended since.
// Every second one asks for something first; then none of them says anything more.
import { connect } from 'node:net';
import { say } from './answer.mjs';

const { host, port, count, request } = JSON.parse(process.argv[2]);
/** Connections that are being opened at a time: a server's queue is not endless. */
const opening = 100;
let [open, answered, closed] = [0, 0, 0];

function openOne(place) {
  // A port of ours for each connection from an address: several addresses have enough.
  const localAddress = `127.0.0.${2 + (place % 4)}`;
  const asks = place % 2 === 1;
  return new Promise((resolve) => {
    const socket = connect({ host, port, localAddress }, () => {
      open += 1;
      if (asks) socket.write(request);
      else resolve();
    });
    socket.once('data', () => {
      answered += asks ? 1 : 0;
      resolve();
    });
    socket.on('data', () => {});
    socket.on('error', resolve);
    socket.on('close', () => {
      closed += 1;
      if (closed === count) say(`all ${count} closed`);
      resolve();
    });
  });
}

let next = 0;
async function openSome() {
  while (next < count) await openOne(next++);
}
await Promise.all(Array.from({ length: opening }, openSome));
say(JSON.stringify({ open, answered, closed }));
process.stdin.resume().on('end', () => process.exit());
