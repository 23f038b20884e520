/** What a browser has and Node has not: a storage, in memory, that can be full. */

export class MemoryStorage {
  static room = Infinity;

  getItem(key) {
    return Object.hasOwn(this, key) ? this[key] : null;
  }

  setItem(key, value) {
    if (value.length > MemoryStorage.room) throw new DOMException("Full", "QuotaExceededError");
    this[key] = String(value);
  }

  removeItem(key) {
    delete this[key];
  }
}

/** A new and empty one. */
export function withStorage() {
  MemoryStorage.room = Infinity;
  globalThis.localStorage = new MemoryStorage();
  return globalThis.localStorage;
}
