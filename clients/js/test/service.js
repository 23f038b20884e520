/** A small HTTP server that answers events as the service does, or as it is told to. */

import { once } from "node:events";
import { createServer } from "node:http";

export class Service {
  /** @type {{events: any[], token: string | undefined, at: number}[]} */ requests = [];
  /** Answers to come, before the usual one. @type {{status: number, headers?: object, body?: object}[]} */ next = [];
  counted = new Set();

  async start() {
    this.server = createServer((request, response) => this.#answer(request, response));
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request, response) {
    let text = "";
    for await (const part of request) text += part;
    const events = JSON.parse(text);
    this.requests.push({ events, token: request.headers.authorization, at: performance.now() });
    const { status, headers = {}, body } = this.next.shift() ?? this.#take(events);
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(JSON.stringify(body ?? {}));
  }

  #take(events) {
    const news = events.filter(({ eventId }) => !this.counted.has(eventId));
    for (const { eventId } of news) this.counted.add(eventId);
    const body = { success: true, accepted: news.length, duplicates: events.length - news.length, rejected: 0, results: [] };
    return { status: 200, body };
  }
}
