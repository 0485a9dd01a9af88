import cf from 'cloudfront';

// Sends people to the store of today's drop, or shows the page that holds its place.
//
// The event stack writes one value for its host name when it stands, and takes it away when it goes:
//   {"origin": "the load balancer's name", "from": "RFC 3339", "until": "RFC 3339"}

const GRACE = 60 * 60 * 1000; // an hour in ms: who bought in the last minute still sees the order afterwards

async function handler(event) {
  const request = event.request;
  const host = request.headers.host.value.toLowerCase();
  const place = await placeOf(host);
  if (place && isOpen(place, Date.now())) {
    toStore(place.origin, host);
    // Behind us everybody comes from CloudFront: the firewall of the event stack tells people apart by this header, and
    // what somebody sends in it by hand is written over.
    request.headers['x-marketday-viewer'] = { value: event.viewer.ip };
    return request;
  }
  return hold(request);
}

// No value, or one that cannot be read, is no store: the holding page is right, an error page is not.
async function placeOf(host) {
  try {
    return JSON.parse(await cf.kvs().get(host));
  } catch (error) {
    return null;
  }
}

function isOpen(place, now) {
  const from = Date.parse(place.from);
  const until = Date.parse(place.until);
  return Boolean(place.origin) && now >= from && now <= until + GRACE; // a moment that is none (NaN) is never open
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
