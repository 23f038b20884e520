// The real socket.io-client, driven over JSON lines: commands on standard input, what happens on standard output.
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const sockets = new Map();
const say = (what) => process.stdout.write(`${JSON.stringify({ at: performance.now(), ...what })}\n`);

function connect({ client, url, options }) {
  const socket = io(url, { forceNew: true, reconnection: false, ...options });
  sockets.set(client, socket);
  socket.on("connect", () => say({ client, event: "connect", transport: socket.io.engine.transport.name }));
  socket.io.engine.on("upgrade", (transport) => say({ client, event: "upgrade", transport: transport.name }));
  socket.on("connect_error", (error) => say({ client, event: "connect_error", message: error.message, data: error.data }));
  socket.on("disconnect", (reason) => say({ client, event: "disconnect", reason }));
  socket.onAny((name, payload) => say({ client, event: name, payload }));
}

const commands = {
  connect,
  call: ({ client, id, name, args }) =>
    sockets.get(client).emit(name, ...args, (answer) => say({ client, event: "ack", id, payload: answer })),
  send: ({ client, name, args }) => sockets.get(client).emit(name, ...args),
  disconnect: ({ client }) => sockets.get(client).disconnect(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  commands[command.do](command);
}
process.exit(0);
