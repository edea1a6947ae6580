/* How to send with a source's own key: clients as they are published, only their address changed (docs/protocols.md). Pure. */
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
    { name: 'RudderStack', text: `import { RudderAnalytics } from '@rudderstack/analytics-js';

const safar = new RudderAnalytics();
safar.load('${key}', '${origin}', { configUrl: '${origin}' });

safar.identify('customer-1', { plan: 'gold' });
safar.track('Order Delivered', { journey: 'order-12', channel: 'courier', score: 4 });` },
    { name: 'PostHog', text: `import posthog from 'posthog-js';

posthog.init('${key}', { api_host: '${origin}' });

posthog.identify('customer-1', { plan: 'gold' });
posthog.capture('Order Delivered', { journey: 'order-12', channel: 'courier', score: 4 });` },
    { name: 'Matomo', text: `<script>
var _paq = window._paq = window._paq || [];
_paq.push(['setTrackerUrl', '${origin}/matomo/${key}/matomo.php'], ['setSiteId', '1']);
_paq.push(['setUserId', 'customer-1'], ['trackPageView'], ['trackEvent', 'order', 'delivered']);
</script>
<!-- In a mail, where nothing runs: -->
<img alt="" width="1" height="1" src="${origin}/matomo/${key}/matomo.php?rec=1&uid=customer-1&action_name=Letter">` },
    { name: 'CloudEvents', text: `curl -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/cloudevents+json' \\
  -d '{"specversion":"1.0","id":"77","source":"/shop","type":"Order Delivered","subject":"customer-1","data":{"channel":"courier","score":4}}' \\
  ${origin}/v1/events` },
    { name: 'curl', text: `curl -u '${key}:' -H 'Content-Type: application/json' \\
  -d '{"userId":"customer-1","event":"Order Delivered","properties":{"channel":"courier","score":4}}' \\
  ${origin}/v1/track` },
  ];
}
