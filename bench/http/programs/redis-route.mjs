/**
 * The least that puts Redis behind HTTP: what is put goes there as it came, commands of one turn of the
 * event loop together; the answer is sent when Redis has answered. Run: node redis-route.mjs SOCKET
 */
import fastify from 'fastify';
import { Redis } from 'ioredis';

const redis = new Redis({ path: process.argv[2], enableAutoPipelining: true });
const app = fastify();
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => {
  done(null, body);
});
app.put('/api/v1/keys/:key', async ({ params, body }, reply) => {
  await redis.set(params.key, body);
  return reply.send();
});
/** To check what was put. */
app.get('/api/v1/keys/:key', ({ params }) => redis.getBuffer(params.key));
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
