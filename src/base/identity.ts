import { randomBytes } from 'node:crypto';

/** Names things that must never be mistaken for one another, as lower-case hex. */
export type NewIdentity = (bytes: number) => string;

export const randomIdentity: NewIdentity = (bytes) => randomBytes(bytes).toString('hex');
