/** Names things that must never be mistaken for one another, as lower-case hex. */
export type NewIdentity = (bytes: number) => string;

export const randomIdentity: NewIdentity = (bytes) =>
  // Node loads its cryptography when this is first read, and most starts need none.
  Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString('hex');
