/** What Fastify takes to find the route of a value, and to answer nothing. Run: node empty-route.mjs */
import fastify from 'fastify';

const app = fastify();
app.get('/api/v1/keys/:key', (_request, reply) => {
  void reply.send();
});
console.log(await app.listen({ host: '127.0.0.1', port: 0 }));
