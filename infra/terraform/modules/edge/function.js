import cf from 'cloudfront';

// Sends people to the store of today's drop, or shows the page that holds its place.
//
// Each event stack writes one value when it stands, under its host name and one of four places, and takes it away when
// it goes: tomorrow's stack is built before today's is gone.
//   {"origin": "the load balancer's name", "from": "RFC 3339", "until": "RFC 3339", "proof": "what only we know"}

const PLACES = 4;
const GRACE = 60 * 60 * 1000; // an hour in ms: who bought in the last minute still sees the order afterwards

async function handler(event) {
  const request = event.request;
  const host = request.headers.host.value.toLowerCase();
  const shown = request.headers['x-marketday-proof'];
  const store = await storeOf(host, shown ? shown.value : '', Date.now());
  if (!store) {
    return hold(request);
  }
  toStore(store.origin, host);
  // Behind us everybody comes from CloudFront: the firewall of the event stack tells people apart by this header, and us
  // from other distributions by that one. What somebody sends in them by hand is written over.
  request.headers['x-marketday-viewer'] = { value: event.viewer.ip };
  request.headers['x-marketday-proof'] = { value: store.proof };
  return request;
}

// The store whose proof was shown, open or not; else the one that is open; else the last one that closed within the hour.
// A value that is looked up is paid for, so nothing is when the store is found.
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

// No value, or one that cannot be read, is no store: the holding page is right, an error page is not.
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
  return now >= from && now <= until + grace; // a moment that is none (NaN) is never open
}

// The load balancer shows the certificate of the event host name, so that name goes with the request and is checked.
function toStore(origin, host) {
  cf.updateRequestOrigin({
    domainName: origin,
    hostHeader: host,
    originAccessControlConfig: { enabled: false }, // that signature is for the holding page's bucket
    customOriginConfig: { port: 443, protocol: 'https', sslProtocols: ['TLSv1.2'] },
    timeouts: { connectionTimeout: 5, readTimeout: 30 },
  });
}

// A bucket can only be read from; and what a script asks for is told "not now", not given a page.
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
