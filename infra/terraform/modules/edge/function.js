import cf from 'cloudfront';

// Sends people to the store of today's drop, or shows the holding page.
//
// Each event stack writes one value when it is built, under its host name and one of four places, and removes it when
// it is destroyed. There are four places because tomorrow's stack is built before today's is removed.
//   {"origin": "the load balancer's name", "from": "RFC 3339", "until": "RFC 3339", "proof": "a secret word"}

const PLACES = 4;
const GRACE = 60 * 60 * 1000; // an hour in ms: people who bought in the last minute can still see their order

async function handler(event) {
  const request = event.request;
  const host = request.headers.host.value.toLowerCase();
  const shown = request.headers['x-marketday-proof'];
  const store = await storeOf(host, shown ? shown.value : '', Date.now());
  if (!store) {
    return hold(request);
  }
  toStore(store.origin, host);
  // All requests to the event stack come from CloudFront's addresses. Its firewall recognises each person by the first header,
  // and this distribution by the second. What a client sends in these headers is replaced.
  request.headers['x-marketday-viewer'] = { value: event.viewer.ip };
  request.headers['x-marketday-proof'] = { value: store.proof };
  return request;
}

// The store whose proof was shown, open or not; otherwise the one that is open; otherwise the last that closed within the hour.
// Each lookup costs money, so the search ends when the store is found.
async function storeOf(host, shown, now) {
  let found = null;
  for (let number = 0; number < PLACES; number++) {
    const place = await placeOf(host + '/' + number);
    if (place && (shown ? shown === place.proof : isOpen(place, now, 0))) {
      return place;
    }
    if (place && isOpen(place, now, GRACE) && !(found && Date.parse(found.from) > Date.parse(place.from))) {
      found = place;
    }
  }
  return found;
}

// No value, or a value that cannot be read, means no store: people see the holding page, and no error page.
async function placeOf(key) {
  try {
    const place = JSON.parse(await cf.kvs().get(key));
    return place.origin && place.proof ? place : null;
  } catch (error) {
    return null;
  }
}

function isOpen(place, now, grace) {
  const from = Date.parse(place.from);
  const until = Date.parse(place.until);
  return now >= from && now <= until + grace; // an invalid time (NaN) is never open
}

// The load balancer has the certificate of the event host name, so the request carries that name, and it is checked.
function toStore(origin, host) {
  cf.updateRequestOrigin({
    domainName: origin,
    hostHeader: host,
    originAccessControlConfig: { enabled: false }, // that signature is for the holding page's bucket
    customOriginConfig: { port: 443, protocol: 'https', sslProtocols: ['TLSv1.2'] },
    timeouts: { connectionTimeout: 5, readTimeout: 30 },
  });
}

// The bucket can only be read; and scripts get 503 instead of a page.
function hold(request) {
  if ((request.method !== 'GET' && request.method !== 'HEAD') || request.uri.startsWith('/v1/')) {
    return {
      statusCode: 503,
      statusDescription: 'Service Unavailable',
      headers: { 'retry-after': { value: '60' }, 'cache-control': { value: 'no-store' } },
    };
  }
  request.uri = '/holding.html';
  request.querystring = {};
  return request;
}
