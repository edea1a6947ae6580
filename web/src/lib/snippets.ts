/* How to send with a source's own key. Segment's SDKs, only their address changed. Pure. */
export interface Snippet { name: string; text: string }

export function snippets(origin: string, key: string): Snippet[] {
  const host = new URL(origin).host;
  return [
    { name: 'Browser', text: `import { AnalyticsBrowser } from '@segment/analytics-next';

const safar = AnalyticsBrowser.load({
  writeKey: '${key}',
  cdnSettings: { integrations: { 'Segment.io': { apiKey: '${key}' } } },
}, { integrations: { 'Segment.io': { apiHost: '${host}/v1', protocol: '${new URL(origin).protocol.replace(':', '')}' } } });

safar.identify('customer-1', { plan: 'gold' });
safar.track('Order Delivered', { journey: 'order-12', channel: 'courier', score: 4 });` },
    { name: 'Node', text: `import { Analytics } from '@segment/analytics-node';

const safar = new Analytics({ writeKey: '${key}', host: '${origin}' });

safar.track({
  userId: 'customer-1',
  event: 'Order Delivered',
  properties: { journey: 'order-12', channel: 'courier', expected_at: '2026-01-02T18:00:00Z' },
});
await safar.closeAndFlush();` },
    { name: 'curl', text: `curl -u '${key}:' -H 'Content-Type: application/json' \\
  -d '{"userId":"customer-1","event":"Order Delivered","properties":{"channel":"courier","score":4}}' \\
  ${origin}/v1/track` },
  ];
}
