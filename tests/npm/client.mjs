// @segment/analytics-node as published, with nothing changed but its address.
// usage: node client.mjs HOST WRITE_KEY COUNT; prints {"sent":[message ids]} when all were delivered.
import { Analytics } from '@segment/analytics-node';

const [host, writeKey, count] = process.argv.slice(2);
const analytics = new Analytics({ host, writeKey, path: '/v1/batch', flushAt: 5, flushInterval: 100 });
const sent = [];
analytics.on('error', (e) => {
  console.error('client error', e.code, String(e.reason));
  process.exitCode = 1;
});
const done = [];
const send = (method, message) =>
  done.push(new Promise((ok, no) => analytics[method](message, (e, context) => (e ? no(e) : (sent.push(context.event.messageId), ok())))));
for (let i = 0; i < Number(count); i++) {
  const userId = `user ${i % 7}`;
  send('identify', { userId, traits: { name: `نام ${i}`, plan: 'pro' } });
  send('track', { userId, event: 'Order Completed', properties: { value: 9.5, currency: 'EUR', n: i } });
  send('page', { userId, category: 'Docs', name: 'Home', properties: { url: 'https://shop.example/' } });
  send('screen', { anonymousId: `a${i}`, name: 'Start' });
  send('group', { userId, groupId: 'g1', traits: { name: 'Init' } });
}
await analytics.closeAndFlush({ timeout: 60000 });
await Promise.all(done);
console.log(JSON.stringify({ sent }));
