/** `timekv serve`: what a request costs beside others that answer the same one. */
import { getting } from './get.mjs';
import { putting } from './put.mjs';

export const http = [getting, putting];
