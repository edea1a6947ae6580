// Clients as they are published, with nothing changed but their address.
// usage: node client.mjs CLIENT ADDRESS WRITE_KEY COUNT
// Prints {"told": [[customer, type, name], ...]} when all was delivered: what is to be found on each customer's page.
import { randomUUID } from 'node:crypto';
import http from 'node:http';

const [client, host, key, count] = process.argv.slice(2);
const told = [];
const people = Array.from({ length: Number(count) }, (_, i) => i);
const tell = (customer, type, name = type) => told.push([customer, type, name]);

async function segment() {
  const { Analytics } = await import('@segment/analytics-node');
  const analytics = new Analytics({ host, writeKey: key, path: '/v1/batch', flushAt: 5, flushInterval: 100 });
  analytics.on('error', (e) => {
    console.error('client error', e.code, String(e.reason));
    process.exitCode = 1;
  });
  for (const i of people) {
    const userId = `user ${i % 7}`;
    analytics.identify({ userId, traits: { name: `نام ${i}`, plan: 'pro' } });
    analytics.track({ userId, event: 'Order Completed', properties: { value: 9.5, currency: 'EUR', n: i } });
    analytics.page({ userId, category: 'Docs', name: 'Home', properties: { url: 'https://shop.example/' } });
    analytics.screen({ anonymousId: `a${i}`, name: 'Start' });
    analytics.group({ userId, groupId: 'g1', traits: { name: 'Init' } });
    analytics.alias({ userId, previousId: `before ${i}` });
    tell(userId, 'identify');
    tell(userId, 'track', 'Order Completed');
    tell(userId, 'page', 'Home');
    tell(`a${i}`, 'screen', 'Start');
    tell(userId, 'group');
    tell(userId, 'alias');
  }
  await analytics.closeAndFlush({ timeout: 60000 });
}

async function rudderstack() {
  const { default: RudderAnalytics } = await import('@rudderstack/rudder-sdk-node');
  const rudder = new RudderAnalytics(key, { dataPlaneUrl: host, flushAt: 7, flushInterval: 200, gzip: true, retryCount: 5 });
  const done = [];
  const send = (method, message) => done.push(new Promise((ok, no) => rudder[method](message, (e) => (e ? no(e) : ok()))));
  for (const i of people) {
    const userId = `user ${i % 7}`;
    send('identify', { userId, traits: { name: `نام ${i}` } });
    send('track', { userId, event: 'Order Completed', properties: { value: 9.5, currency: 'EUR', n: i } });
    send('page', { userId, name: 'Home', properties: { url: 'https://shop.example/' } });
    send('screen', { userId, name: 'Start' });
    send('group', { userId, groupId: 'g1', traits: { name: 'Init' } });
    send('alias', { userId, previousId: `before ${i}` });
    for (const [type, name] of [['identify'], ['track', 'Order Completed'], ['page', 'Home'], ['screen', 'Start'], ['group'], ['alias']]) tell(userId, type, name);
  }
  rudder.flush();
  await Promise.all(done);
}

async function posthog() {
  const { PostHog } = await import('posthog-node');
  const posthog = new PostHog(key, { host, flushAt: 5, flushInterval: 200, fetchRetryCount: 5, fetchRetryDelay: 300 });
  posthog.on('error', (e) => {
    console.error('client error', String(e));
    process.exitCode = 1;
  });
  for (const i of people) {
    const distinctId = `user ${i % 7}`;
    posthog.identify({ distinctId, properties: { name: `نام ${i}`, plan: 'pro' } });
    posthog.capture({ distinctId, event: 'Order Completed', properties: { value: 9.5, currency: 'EUR', n: i } });
    posthog.capture({ distinctId, event: '$pageview', properties: { $current_url: 'https://shop.example/home?x=1' } });
    posthog.capture({ distinctId, event: '$screen', properties: { $screen_name: 'Start' } });
    posthog.capture({ distinctId, event: 'survey sent', properties: { $survey_id: 's1', $survey_response: 'شكراً' } });
    posthog.groupIdentify({ groupType: 'company', groupKey: `g${i}`, properties: { name: 'Init' }, distinctId });
    posthog.alias({ distinctId, alias: `before ${i}` });
    for (const [type, name] of [['identify'], ['track', 'Order Completed'], ['page', '/home'], ['screen', 'Start'], ['track', 'survey sent'], ['group'], ['alias']]) tell(distinctId, type, name);
  }
  await posthog.shutdown(60000);
}

async function matomo() {
  http.globalAgent = new http.Agent({ keepAlive: false }); // it reads no answers, and so would keep the process for a minute
  const { default: MatomoTracker } = await import('matomo-tracker');
  const tracker = new MatomoTracker(1, `${host}/matomo/${key}/matomo.php`, true);
  tracker.on('error', (e) => console.error('client error', String(e)));
  for (const i of people) {
    const uid = `user ${i % 7}`, url = 'https://shop.example/home?x=1', rand = randomUUID();
    const hits = [
      [{ action_name: 'Home' }, 'page', 'Home'], [{ e_c: 'video', e_a: 'play', e_n: 'intro', e_v: 3 }, 'track', 'video: play'],
      [{ search: 'shoes', search_count: 4 }, 'track', 'Site Search'], [{ idgoal: 2, revenue: 3.5 }, 'track', 'Goal 2'],
      [{ idgoal: 0, ec_id: `o${i}`, revenue: 9.5, ec_items: JSON.stringify([['sku', 'نام', 'c', 9.5, 1]]) }, 'track', 'Order Completed'],
      [{ download: 'https://shop.example/a.pdf' }, 'track', 'File Downloaded'],
    ];
    for (const [values, type, name] of hits) tell(uid, type, name);
    for (const [values] of hits.slice(0, 3)) tracker.track({ url, uid, rand: rand + values.e_c + values.search, ...values });
    await new Promise((ok, no) => tracker.trackBulk(hits.slice(3).map(([values]) => ({ url, uid, rand, ...values })), (answer) => (JSON.parse(answer).invalid === 0 ? ok() : no(new Error(answer)))));
  }
}

async function cloudevents() {
  const { CloudEvent, Mode, emitterFor, httpTransport } = await import('cloudevents');
  const headers = { Authorization: `Bearer ${key}` };
  const transport = httpTransport(`${host}/v1/events`);
  const binary = emitterFor(transport, { mode: Mode.BINARY }), structured = emitterFor(transport, { mode: Mode.STRUCTURED });
  const event = (subject, type, data) => new CloudEvent({ source: '/shop', type, subject, data });
  for (const i of people) {
    const subject = `user-${i % 7}`;
    for (const [emit, type] of [[binary, 'order.completed'], [structured, 'order.delivered']]) {
      const answer = await emit(event(subject, type, { value: 9.5, currency: 'EUR', نام: i }), { headers });
      if (JSON.parse(answer.body).success !== true) throw new Error(answer.body);
      tell(subject, 'track', type);
    }
    const body = JSON.stringify([event(subject, 'order.returned', {}), event(subject, 'order.refunded', {})]);
    const answer = await transport({ headers: { 'content-type': 'application/cloudevents-batch+json' }, body }, { headers });
    if (JSON.parse(answer.body).success !== true) throw new Error(answer.body);
    tell(subject, 'track', 'order.returned');
    tell(subject, 'track', 'order.refunded');
  }
}

await { segment, rudderstack, posthog, matomo, cloudevents }[client]();
console.log(JSON.stringify({ told }));
