/** Calls the service: with the token of who is signed in, and with errors of one shape. */

import { bearer } from "./session.js";

/** @typedef {{field: string, message: string}} FieldFault */
/** What the service refused, or that it could not be reached (`status` 0, `code` "NETWORK"). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {{error?: string, code?: string, errors?: FieldFault[]} | null} body
   * @param {number | null} retryAfter seconds
   */
  constructor(status, body, retryAfter = null) {
    super(body?.error ?? "The service gave no answer that can be read");
    this.name = "ApiError";
    this.status = status;
    this.code = body?.code ?? "UNKNOWN";
    this.errors = body?.errors ?? [];
    this.retryAfter = retryAfter;
  }
}

/**
 * One call.
 * @param {string} path
 * @param {{method?: string, body?: unknown, headers?: Record<string, string>, signal?: AbortSignal}} [how]
 * @returns {Promise<any>} the JSON of the answer
 * @throws {ApiError}
 */
export async function call(path, { method = "GET", body, headers = {}, signal } = {}) {
  const answer = await request(path, method, body, headers, signal);
  const json = await answer.json().catch(() => null);
  if (!answer.ok) throw new ApiError(answer.status, json, seconds(answer.headers.get("Retry-After")));
  return json;
}

/** `data` of an answer that has one. @param {string} path @param {Parameters<typeof call>[1]} [how] */
export async function data(path, how) {
  return (await call(path, how)).data;
}

/** @param {string} path @param {Record<string, string | number | null | undefined>} query */
export function withQuery(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

async function request(path, method, body, headers, signal) {
  const token = bearer();
  try {
    return await fetch(path, {
      method,
      signal,
      headers: {
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (fault) {
    if (signal?.aborted) throw fault;
    throw new ApiError(0, { error: "The service cannot be reached", code: "NETWORK" });
  }
}

/** @param {string | null} header */
function seconds(header) {
  const given = Number(header);
  return header !== null && Number.isFinite(given) ? given : null;
}
