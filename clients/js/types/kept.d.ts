export class Kept {
    /**
     * @param {string} name tells one service from another
     * @param {(count: number, reason: string) => void} onDrop hears of events that are given up
     */
    constructor(name: string, onDrop: (count: number, reason: string) => void);
    /**
     * @param {Piece} piece
     * @returns {string | null} its key; `null` when nothing can be kept here
     */
    put(piece: Piece): string | null;
    /** @returns {string[]} the oldest first */
    keys(): string[];
    /** @param {string} key @returns {Piece | null} `null` when it is gone, broken or too old */
    take(key: string): Piece | null;
    /** @param {string | null} key */
    remove(key: string | null): void;
    /** @param {string | null} key @returns {boolean} whether it is one of these */
    has(key: string | null): boolean;
    #private;
}
export type Piece = import("./pieces.js").Piece;
export type KeptPiece = Piece & {
    key: string;
    at: number;
};
